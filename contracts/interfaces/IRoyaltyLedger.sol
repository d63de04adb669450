// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice An app's signed request to spend.
/// @param payer Whose escrow pays.
/// @param nonce Any number not yet used within the account's window (see IEscrow).
/// @param request sha2-256 of the canonical JSON of the request.
/// @param maxPrice Most that may be taken.
/// @param tier What was bought, by number. Not read here.
/// @param use Uses that every recording must permit, as bits; at least one, and none but the four of ICatalogue.
/// @param rule Attribution rule that the order pays by, by number. Not read here.
/// @param deadline Latest time at which the track may be made, Unix seconds.
struct Order {
    address payer;
    uint256 nonce;
    bytes32 request;
    uint256 maxPrice;
    uint256 tier;
    uint256 use;
    uint256 rule;
    uint256 deadline;
}

/// @notice What the oracles state about one generation.
/// @param price What is taken from the payer.
/// @param node Who made the track.
/// @param nodeFee Its part of the price.
/// @param generatedAt Time of the block whose state the oracles read, Unix seconds.
/// @param entries 8 bytes each: big-endian u32 recording (strictly ascending), u32 weight (not zero); the weights sum to
/// 1,000,000. Recording 0 is the training pool.
/// @param manifest sha2-256 digest inside the manifest's CIDv1 (raw block).
struct Attestation {
    uint256 price;
    address node;
    uint256 nodeFee;
    uint256 generatedAt;
    bytes entries;
    bytes32 manifest;
}

/// @notice The oracles that signed.
/// @param threshold How many signatures the set asks for.
/// @param signers All signers of the set, strictly ascending.
/// @param signatures 65 bytes each (r, s, v), in strictly ascending order of their signers.
struct Quorum {
    uint256 threshold;
    address[] signers;
    bytes signatures;
}

/// @title IRoyaltyLedger
/// @notice Divides the price of a generation among the recordings it was made from.
///
/// The ledger is also a catalogue (ICatalogue), an escrow (IEscrow), a list of nodes (INodes) and of sets of oracles
/// (IOracleSet), and pays out (IPayouts); those pages say what each assumes.
///
/// One immutable instance per token: nothing here can be upgraded. Money enters by `fund`, is divided by `settle` and
/// leaves by `withdraw`; at all times escrow, fees, pool, nodes' balances, unclaimed and parked amounts sum to what
/// came in and has not left.
///
/// `settle` is for anyone to call: everything that matters is signed. The order by its payer (an ordinary key, or
/// ERC-1271 with at most 200,000 gas), the attestation by at least `threshold` oracles of an active set.
///
/// The price is divided so that nothing is lost to rounding: the protocol's fee is rounded down, and recording `i` gets
/// `floor(royalty * upTo / 1e6) - floor(royalty * before / 1e6)`.
///
/// Warning: the ledger checks consent, signatures and sums. That the weights are true, that the price is the quoted
/// one and that `use` fits `tier` is what the oracles sign for; the manifest lets anyone recompute it.
interface IRoyaltyLedger {
    event Settled(
        bytes32 indexed order,
        address indexed payer,
        address indexed node,
        bytes32 manifest,
        uint256 price,
        uint256 nodeFee,
        uint256 protocolFee,
        uint32[] recordings,
        uint256[] amounts
    );

    error Settlement_SignaturesLength(uint256 length);
    error Settlement_TooFewSignatures(uint256 given, uint256 threshold);
    error Settlement_BadSignature(uint256 index);
    error Settlement_SignersNotAscending(address previous, address signer);
    error Settlement_NotASigner(address signer);
    error Settlement_OrderNotSigned(address payer);
    error Settlement_GasForSignature(uint256 available, uint256 needed);
    error Settlement_UnknownUse(uint256 use);
    error Settlement_DeadlinePassed(uint256 deadline, uint256 generatedAt);
    error Settlement_FromTheFuture(uint256 generatedAt, uint256 time);
    error Settlement_TooLate(uint256 generatedAt, uint256 time, uint256 maxLag);
    error Settlement_PriceAboveMax(uint256 price, uint256 maxPrice);
    error Settlement_NodeFeeAboveCap(uint256 nodeFee, uint256 most);
    error Settlement_EntriesLength(uint256 length);
    error Settlement_EntriesNotAscending(uint256 previous, uint256 recording);
    error Settlement_NoWeight(uint256 recording);
    error Settlement_WeightsDoNotSum(uint256 total);
    error Settlement_NoConsent(uint256 recording, uint256 generatedAt, uint256 consentFrom, uint256 consentUntil);
    error Settlement_UseNotPermitted(uint256 recording, uint256 use, uint256 uses);
    error Settlement_ShareAboveMax(uint256 recording, uint256 weight, uint256 most);
    error Settlement_Refused();
    error Settlement_RecordingFull(uint256 recording, uint256 unclaimed, uint256 amount);

    /// @notice Divides the price of one generation. Reverts, naming the reason, unless everything holds.
    function settle(
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external;

    /// @notice Latest that a settlement may come after `generatedAt`, in seconds.
    function maxLag() external view returns (uint256);

    /// @notice EIP-712 `hashStruct` of an order: the generation's id.
    function orderHash(Order calldata order) external pure returns (bytes32);

    /// @notice EIP-712 `hashStruct` of an attestation for a set and an order.
    function attestationHash(bytes32 set, bytes32 order, Attestation calldata attestation)
        external
        pure
        returns (bytes32);

    /// @notice EIP-712 domain separator of this ledger on this chain.
    function domainSeparator() external view returns (bytes32);
}
