// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Quorum} from "./IRoyaltyLedger.sol";

/// @notice Many generations in packed form. Every number is big-endian and unsigned.
/// @param from No generation was made before this time, in Unix seconds.
/// @param uses The union of the uses that the batch's orders ask for. Consent is checked once for all of these uses and
/// for the whole time since `from`; a recording that fails this check is checked for each generation.
/// @param payers The accounts whose escrows pay, strictly ascending.
/// @param nodes The nodes that made the tracks, strictly ascending.
/// @param recordings Every recording that any generation names: 4 bytes each, strictly ascending. Recording 0, the
/// training pool, comes first.
/// @param generations One after another, without gaps:
///
///     bytes  field
///     32     request
///     32     manifest
///      1     payer, an index into `payers`
///      1     node, an index into `nodes`
///      4     nonce
///      4     deadline - generatedAt
///      6     maxPrice - price
///      6     price
///      6     nodeFee
///      4     generatedAt - `from`
///      1     tier
///      1     rule
///      1     use
///      1     number of entries
///      4     for each entry: 20 bits of weight - 1; 12 bits of gap
///     64     the order's signature (r, then s with the parity in its top bit: EIP-2098), in `settleBatch` only
///
/// A gap is the number of `recordings` between an entry and the entry before it; for the first entry, the number before
/// it. The entries encode the 8 bytes each (u32 recording, u32 weight) of the attestation. In this form entries always
/// ascend and always have a weight, a price is never above its order's maximum, and a track is never made after its
/// deadline.
struct Batch {
    uint256 from;
    uint256 uses;
    address[] payers;
    address[] nodes;
    bytes recordings;
    bytes generations;
}

/// @title IBatches
/// @notice Settles many generations at once: exactly the same money as if each were settled by itself in the order of
/// the batch.
///
/// One quorum signs for all of them: the EIP-712 struct `Batch(Attestation[] attestations)`, in which each attestation
/// is the one that `settle` takes. So an attestation and its order can be shown to a court, or upgraded, as if they had
/// been settled alone, together with the hashes of the batch's attestations (Receipt.batch).
///
/// A cause that others than the quorum can bring about skips one generation and leaves its nonce and its payer's escrow
/// unchanged: a nonce that is used or too old, an escrow that is too small, a settlement that is too late, a consent
/// that does not permit it, a node that is not allowed or at its cap, an account or a node without room. Every other
/// failure is the fault of the quorum, or a wrong payer signature, and reverts the whole batch. The reasons have the
/// names that `settle` gives them.
///
/// The events determine what a generation moved. The protocol fee is `floor(price * protocolBps / 10,000)` with the bps
/// of the set that `Credited` names; the royalty is the rest, `price - nodeFee - fee`; each entry gets its part of it
/// as in `settle`.
///
/// Numbers are smaller than in `settle`: prices below 2^48, deadlines less than 2^32 seconds after the track was made,
/// tier and rule below 2^8, at most 255 entries, 256 payers, 256 nodes and 4,096 recordings. An order with larger
/// numbers has to be settled by itself.
///
/// Warning: payers must sign with keys here. An order of a contract (ERC-1271) has to be settled by itself: the
/// contract's answer may change, and would block the other generations. Oracles may be contracts.
/// Warning: a recording whose word has no room for the sum reverts the batch, because no single generation causes it.
/// This takes 281 million of the token in one epoch.
interface IBatches {
    /// @notice One generation of a batch was settled.
    /// @param entries As in the attestation: 8 bytes each, big-endian u32 recording and u32 weight.
    event SettledInBatch(
        bytes32 indexed order,
        address indexed payer,
        uint256 price,
        address node,
        uint256 nodeFee,
        bytes entries,
        bytes32 manifest
    );

    /// @notice One generation of a batch was not settled, and can still be settled later. `reason` is the selector of
    /// the error that `settle` would have reverted with.
    event Skipped(bytes32 indexed order, bytes4 reason);

    /// @notice What a batch credited in total, for every recording that it listed: recording 0 is the pool share of all
    /// payers. It comes once, after the other events of the batch.
    event Credited(bytes32 indexed set, uint32[] recordings, uint256[] amounts);

    error Batch_Empty();
    error Batch_PayersNotAscending(address previous, address payer);
    error Batch_NodesNotAscending(address previous, address node);
    error Batch_RecordingsNotAscending();
    error Batch_RecordingsLength(uint256 length);
    error Batch_GenerationsLength(uint256 length);
    error Batch_NoSuchPayer(uint256 index, uint256 payers);
    error Batch_NoSuchNode(uint256 index, uint256 nodes);
    error Batch_NoSuchRecording(uint256 index, uint256 recordings);
    error Batch_NotOnePayer(uint256 payers);

    /// @notice Settles generations whose payers each signed their order.
    function settleBatch(Batch calldata batch, Quorum calldata quorum) external;

    /// @notice Settles generations of one payer who signed the list of their orders: the EIP-712 struct
    /// `Orders(Order[] orders)`, by a key with 64 bytes (EIP-2098) or 65.
    /// @dev The batch has to contain the whole list in its order; generations that are already settled are skipped.
    function settleOrders(Batch calldata batch, bytes calldata ordersSignature, Quorum calldata quorum) external;
}
