// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice An app's signed request to spend.
/// @param payer Whose escrow pays.
/// @param nonce Any number not yet used within the account's window (see IEscrow).
/// @param request sha2-256 of the canonical JSON of the request; of an upgrade, the struct hash of the original order.
/// @param maxPrice Most that may be taken.
/// @param tier What was bought, by number; an upgrade's is higher than the original's.
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
/// @param signatures One after another, in strictly ascending order of their signers. A key's: 64 bytes (EIP-2098: r, then s with
/// the parity in its top bit). A contract's (ERC-1271, at most 200,000 gas): its address in 32 bytes, the length of its
/// signature in 32 bytes, the signature. A first word below 2^160 is taken for an address.
struct Quorum {
    uint8 threshold;
    address[] signers;
    bytes signatures;
}

/// @notice What was signed about one generation, brought again: proof of itself, so that nothing is kept on chain for it.
/// @param batch Where the quorum signed a batch: the struct hashes of all its attestations in order, this one's among them. Empty
/// where it signed this attestation alone.
struct Receipt {
    Order order;
    Attestation attestation;
    Quorum quorum;
    bytes32[] batch;
}

/// @title IRoyaltyLedger
/// @notice Divides the price of a generation among the recordings it was made from.
///
/// The ledger is also a catalogue (ICatalogue), an escrow (IEscrow), a list of nodes (INodes) and of sets of oracles
/// (IOracleSet), and pays out (IPayouts); those pages say what each assumes.
///
/// One immutable instance per token: nothing here can be upgraded. Money enters by `fund`, is divided by `settle` and
/// leaves by `withdraw`; at all times escrow, fees, pool, nodes' balances, frozen, unclaimed and parked amounts sum to what
/// came in and has not left.
///
/// `settle` is for anyone to call: everything that matters is signed. The order by its payer (65 or 64 bytes by an ordinary
/// key, or ERC-1271 with at most 200,000 gas), the attestation by at least `threshold` oracles of an active set.
///
/// The price is divided so that nothing is lost to rounding: the protocol's fee is rounded down, and recording `i` gets
/// `floor(royalty * upTo / 1e6) - floor(royalty * before / 1e6)`.
///
/// What is credited can be disputed until `generatedAt + window`, and withdrawn only after that (see Buckets).
///
/// Warning: the ledger checks consent, signatures and sums. That the weights are true, that the price is the quoted
/// one and not below the floors, and that `use` fits `tier` is what the oracles sign for; the manifest lets anyone recompute it.
/// Warning: a price is below 2^48 of the token's smallest unit.
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

    /// @notice Divides the price of one generation. Reverts, naming the reason, unless everything holds.
    function settle(
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external;

    /// @notice Settles the difference to a higher tier of a generation that was settled before, with the same vector: the order's
    /// `request` is the struct hash of the original order, and entries and manifest are the original's.
    /// @dev Consent is asked anew, for the new use and time. Anybody may pay it, not the first payer alone. That the price is the
    /// difference is what the oracles sign for.
    function upgrade(
        Receipt calldata original,
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external;

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
