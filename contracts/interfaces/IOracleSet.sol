// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The limits of a set of oracles.
/// @param protocolBps The protocol fee, in 1/10,000 of the price.
/// @param nodeCapBps The largest fee of a node, in 1/10,000 of the price.
/// @param until The end of the set, in Unix seconds, exclusive.
/// @param cap The most that may be settled through one node in one dispute epoch, in the token's smallest unit.
struct SetTerms {
    uint16 protocolBps;
    uint16 nodeCapBps;
    uint40 until;
    uint64 cap;
}

/// @notice The current state of a set of oracles.
/// @param active Whether its attestations settle, apart from a pause and from `until`.
/// @param used Whether its attestations settle now or settled before: its receipts can be disputed and upgraded.
/// @param activeFrom The time from which a proposed set may be activated, in Unix seconds.
struct SetView {
    bool active;
    bool used;
    uint16 protocolBps;
    uint16 nodeCapBps;
    uint40 until;
    uint40 activeFrom;
    uint64 cap;
}

/// @title IOracleSet
/// @notice Sets of signers. The id of a set is the hash of its content:
/// `set = keccak256(abi.encode(threshold, signers))`.
///
/// The ledger does not store the signers. The caller passes them, and the hash proves that they are the right ones.
/// Every attestation contains the id of its set, so a signature for one set is worthless in another. A signer is a key
/// or a contract (ERC-1271).
///
/// A set is proposed, waits for `SET_DELAY`, and can then be activated by anyone. Several sets may be active at once,
/// so that what the old set has signed can still be settled during a rotation. The guardian removes a set immediately.
/// A removed set keeps its terms, so that its attestations stay open to dispute; it may be proposed again with the same
/// protocol fee.
///
/// Warning: only the threshold protects the escrow from a false attestation. If the signers of a set collude, they can
/// divide the escrow of any payer who has signed an order, up to the order's `maxPrice`, among consenting recordings,
/// and at most `cap` through each allowed node in an epoch.
interface IOracleSet {
    event SetProposed(bytes32 indexed set, uint256 threshold, address[] signers, SetTerms terms);
    event SetActivated(bytes32 indexed set, uint256 threshold, address[] signers, SetTerms terms);
    event SetRemoved(bytes32 indexed set);

    error OracleSet_BadThreshold(uint256 threshold, uint256 signers);
    error OracleSet_TooManySigners(uint256 signers, uint256 most);
    error OracleSet_SignersNotAscending(address previous, address signer);
    error OracleSet_FeesTooHigh(uint256 protocolBps, uint256 nodeCapBps, uint256 most);
    error OracleSet_FeeChanged(uint256 protocolBps, uint256 before);
    error OracleSet_AlreadyOver(uint256 until, uint256 time);
    error OracleSet_AlreadyKnown(bytes32 set);
    error OracleSet_NotProposed(bytes32 set);
    error OracleSet_TooEarly(uint256 activeFrom, uint256 time);
    error OracleSet_FirstSetInstalled();
    error OracleSet_Unknown(bytes32 set);
    error OracleSet_TooManySets(uint256 active);
    error OracleSet_NotActive(bytes32 set);
    error OracleSet_Expired(uint256 until, uint256 time);

    /// @notice Installs the first set without delay. Admin only, once.
    function installFirstSet(uint256 threshold, address[] calldata signers, SetTerms calldata terms)
        external
        returns (bytes32 set);

    /// @notice Proposes a set, which may be activated after `SET_DELAY`. Admin only.
    /// @dev Signers must be strictly ascending, which also excludes repeats and zero.
    function proposeSet(uint256 threshold, address[] calldata signers, SetTerms calldata terms)
        external
        returns (bytes32 set);

    /// @notice Activates a proposed set after its delay. Anyone may call it.
    function activateSet(uint256 threshold, address[] calldata signers) external returns (bytes32 set);

    /// @notice Removes an active or proposed set immediately. Guardian only.
    function removeSet(bytes32 set) external;

    /// @notice The current state of a set; all zero if it is unknown.
    function sets(bytes32 set) external view returns (SetView memory);
}
