// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What a set of oracles may take and move.
/// @param protocolBps Protocol's fee, in 1/10,000 of the price.
/// @param nodeCapBps Largest fee of a node, in 1/10,000 of the price.
/// @param until End of the set, Unix seconds, exclusive.
/// @param cap Most that may be settled through one node in one dispute epoch, in the token's smallest unit.
struct SetTerms {
    uint16 protocolBps;
    uint16 nodeCapBps;
    uint40 until;
    uint64 cap;
}

/// @notice A set of oracles as it stands now.
/// @param active Whether its attestations settle (the pause and `until` aside).
/// @param used Whether they do or did: its receipts can be disputed and upgraded.
/// @param activeFrom When a proposed set may be activated, Unix seconds.
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
/// @notice Sets of signers, named by their content: `set = keccak256(abi.encode(threshold, signers))`.
///
/// The signers themselves are not stored. Whoever settles passes them, and the hash proves that they are the right ones.
/// Every attestation names its set, so a signature given as a member of one set is worth nothing in another. A signer is a
/// key or a contract (ERC-1271).
///
/// A set is proposed, waits for `SET_DELAY`, and is then activated by anyone. Several sets may be active at once, so
/// that a rotation does not strand what the old set has signed. Removal by the guardian is immediate. A removed set keeps
/// its terms, so that what it signed stays open to dispute; it may be proposed again with the same protocol's fee.
///
/// Warning: the threshold is what stands between the escrow and a false attestation. A set whose signers collude may
/// divide the escrow of any payer who has signed an order, up to that order's `maxPrice`, among consenting recordings, and
/// no more than `cap` through each allowed node in an epoch.
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

    /// @notice Proposes a set; it may be activated after `SET_DELAY`. Admin only.
    /// @dev Signers must be strictly ascending, which also rules out repeats and zero.
    function proposeSet(uint256 threshold, address[] calldata signers, SetTerms calldata terms)
        external
        returns (bytes32 set);

    /// @notice Activates a proposed set whose delay has passed. Anyone may.
    function activateSet(uint256 threshold, address[] calldata signers) external returns (bytes32 set);

    /// @notice Removes a set, active or proposed, at once. Guardian only.
    function removeSet(bytes32 set) external;

    /// @notice The set as it stands now; all zero when unknown.
    function sets(bytes32 set) external view returns (SetView memory);
}
