// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A signed order of an app.
/// @param payer The account whose escrow pays.
/// @param nonce Any unused number within the account's window (see IEscrow).
/// @param request sha2-256 of the canonical JSON of the request; for an upgrade, the struct hash of the original order.
/// @param maxPrice The highest price that may be taken.
/// @param tier The number of the tier that was bought; an upgrade needs a higher one than the original.
/// @param use The uses that every recording must permit, as bits: at least one, and only the four of ICatalogue.
/// @param rule The number of the attribution rule that the order pays by. The ledger does not read it.
/// @param deadline The latest time at which the track may be made, in Unix seconds.
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

/// @notice The oracles' statement about one generation.
/// @param price The amount that is taken from the payer.
/// @param node The node that made the track.
/// @param nodeFee The node's part of the price.
/// @param generatedAt The time of the block whose state the oracles read, in Unix seconds.
/// @param entries 8 bytes each: big-endian u32 recording (strictly ascending), u32 weight (not zero). The weights sum
/// to 1,000,000. Recording 0 is the training pool.
/// @param manifest The sha2-256 digest in the manifest's CIDv1 (raw block).
struct Attestation {
    uint256 price;
    address node;
    uint256 nodeFee;
    uint256 generatedAt;
    bytes entries;
    bytes32 manifest;
}

/// @notice The signatures of a set of oracles.
/// @param threshold The number of signatures that the set requires.
/// @param signers All signers of the set, strictly ascending.
/// @param signatures The signatures one after another, strictly ascending by signer. A key signs with 64 bytes
/// (EIP-2098: r, then s with the parity in its top bit). A contract (ERC-1271, at most 200,000 gas) has its address in
/// 32 bytes, the length of its signature in 32 bytes, then the signature. A first word below 2^160 is read as an
/// address.
struct Quorum {
    uint8 threshold;
    address[] signers;
    bytes signatures;
}

/// @notice Everything that was signed about one generation. It proves itself, so the chain stores nothing for it.
/// @param batch If the quorum signed a batch: the struct hashes of all its attestations in order, including this one.
/// Empty if the quorum signed this attestation alone.
struct Receipt {
    Order order;
    Attestation attestation;
    Quorum quorum;
    bytes32[] batch;
}

/// @title IRoyaltyLedger
/// @notice Divides the price of a generation among the recordings that it was made from.
///
/// The ledger is also a catalogue (ICatalogue), an escrow (IEscrow), a list of nodes (INodes) and of sets of oracles
/// (IOracleSet), and it pays out (IPayouts). Each of those interfaces states its own assumptions.
///
/// There is one instance for each token, and it cannot be upgraded. Money enters by `fund`, `settle` divides it, and it
/// leaves by `withdraw`. At any time, escrow, fees, pool, node balances, frozen, unclaimed and parked amounts sum to
/// what came in and has not left.
///
/// Anyone may call `settle`, because everything that matters is signed: the order by its payer (a key with 65 or 64
/// bytes, or ERC-1271 with at most 200,000 gas), the attestation by at least `threshold` oracles of an active set.
///
/// The division loses nothing to rounding: the protocol fee is rounded down, and recording `i` gets
/// `floor(royalty * upTo / 1e6) - floor(royalty * before / 1e6)`.
///
/// A credit can be disputed until `generatedAt + window`, and can be withdrawn only after that (see Buckets).
///
/// Warning: the ledger checks consent, signatures and sums. It does not check that the weights are true, that the price
/// is the quoted one and not below the floors, or that `use` fits `tier`. The oracles sign for these, and anyone can
/// recompute them from the manifest.
/// Warning: a price must be below 2^48 of the token's smallest unit.
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

    /// @notice The settlement of `order` paid the difference to a higher tier of `original`.
    event Upgraded(bytes32 indexed order, bytes32 indexed original);

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
    error Settlement_PriceTooLarge(uint256 price, uint256 most);
    error Settlement_NodeFeeAboveCap(uint256 nodeFee, uint256 most);
    error Settlement_EntriesLength(uint256 length);
    error Settlement_EntriesNotAscending(uint256 previous, uint256 recording);
    error Settlement_NoWeight(uint256 recording);
    error Settlement_WeightsDoNotSum(uint256 total);
    error Settlement_NoConsent(uint256 recording, uint256 generatedAt, uint256 consentFrom, uint256 consentUntil);
    error Settlement_UseNotPermitted(uint256 recording, uint256 use, uint256 uses);
    error Settlement_ShareAboveMax(uint256 recording, uint256 weight, uint256 most);
    error Settlement_RecordingFull(uint256 recording);
    error Receipt_SetNeverActive(bytes32 set);
    error Receipt_NotInBatch(bytes32 attestation);
    error Upgrade_OtherOriginal(bytes32 request, bytes32 original);
    error Upgrade_OtherEntries(bytes32 entries, bytes32 original);
    error Upgrade_OtherManifest(bytes32 manifest, bytes32 original);
    error Upgrade_TierNotHigher(uint256 tier, uint256 original);
    error Upgrade_NotSettled(address payer, uint256 nonce);

    /// @notice Divides the price of one generation. Reverts with the reason if any condition fails.
    function settle(
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external;

    /// @notice Settles the difference to a higher tier of a settled generation, with the same vector. The order's
    /// `request` is the struct hash of the original order; entries and manifest equal the original's.
    /// @dev Checks consent again, for the new use and time. Anybody may pay, not only the first payer. The oracles sign
    /// that the price is the difference.
    function upgrade(
        Receipt calldata original,
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external;

    /// @notice EIP-712 `hashStruct` of an order, which is the id of the generation.
    function orderHash(Order calldata order) external pure returns (bytes32);

    /// @notice EIP-712 `hashStruct` of an attestation for a set and an order.
    function attestationHash(bytes32 set, bytes32 order, Attestation calldata attestation)
        external
        pure
        returns (bytes32);

    /// @notice EIP-712 domain separator of this ledger on this chain.
    function domainSeparator() external view returns (bytes32);
}
