// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Quorum} from "./IRoyaltyLedger.sol";

/// @notice Many generations, packed. Every number is big-endian and unsigned.
/// @param from No generation was made before this time, Unix seconds.
/// @param uses Every use that an order of the batch asks for, added up. Consent is looked up once for all of them and
/// for the time since `from`; where it does not hold for all of that, it is looked up for each generation.
/// @param payers Whose escrows pay, strictly ascending.
/// @param nodes Who made the tracks, strictly ascending.
/// @param recordings Every recording that any of the generations names: 4 bytes each, strictly ascending. Recording 0,
/// the training pool, comes first.
/// @param generations One after another, without gaps:
///
///     bytes  field
///     32     request
///     32     manifest
///      1     payer, an index into `payers`
///      1     node, an index into `nodes`
///      4     nonce
///      4     deadline, less generatedAt
///      6     maxPrice, less price
///      6     price
///      6     nodeFee
///      4     generatedAt, less `from`
///      1     tier
///      1     rule
///      1     use
///      1     how many entries
///      4     for each entry: 20 bits of weight, less one; 12 bits of gap
///     64     the order's signature (r, then s with the parity in its top bit: EIP-2098), in `settleBatch` only
///
/// A gap is how many of `recordings` lie between the entry's and that of the entry before; for the first, how many lie
/// before it. The entries stand for the 8 bytes each (u32 recording, u32 weight) that the attestation has. Packed like
/// this they cannot but ascend, nor be without weight; no price can be above its order's, no making after its deadline.
struct Batch {
    uint256 from;
    uint256 uses;
    address[] payers;
    address[] nodes;
    bytes recordings;
    bytes generations;
}

/// @title IBatches
/// @notice Many generations settled at once: the same money, to the unit, as if each were settled by itself in the
/// batch's order.
///
/// One quorum signs for all of them: the EIP-712 struct `Batch(Attestation[] attestations)`, of which each attestation
/// is the one that `settle` takes. So an attestation and its order can be shown to a court, or upgraded, as if they had
/// been settled alone, with the hashes of the batch's attestations beside them (Receipt.batch).
///
/// What others than the quorum can bring about skips one generation and leaves its nonce and its payer's escrow
/// untouched: a nonce used or too old, an escrow too short, a settlement too late, a consent that does not permit it, a
/// node not allowed or at its cap, an account or a node without room. Whatever else does not hold is the quorum's
/// fault, or the payer's signature, and reverts the whole batch; the reasons have the names that `settle` gives them.
///
/// What a generation moved follows from the events. The protocol's fee is `floor(price * protocolBps / 10,000)` with
/// the bps of the set that `Credited` names; the royalty is the rest, `price - nodeFee - fee`; each entry gets its part
/// of that as in `settle`.
///
/// Numbers are narrower than in `settle`: prices below 2^48, deadlines less than 2^32 seconds after the making, tier
/// and rule below 2^8, at most 255 entries, 256 payers, 256 nodes and 4,096 recordings. An order with larger ones has
/// to be settled by itself.
///
/// Warning: payers sign with keys here. The order of a contract (ERC-1271) has to be settled by itself: its answer may
/// change, and would strand the others. Oracles may be contracts.
/// Warning: a recording whose word has no room for the sum reverts the batch, since no single generation is to blame.
/// It takes 281 million of the token in one epoch.
interface IBatches {
    /// @notice One generation of a batch was settled.
    /// @param entries As the attestation has them: 8 bytes each, big-endian u32 recording and u32 weight.
    event SettledInBatch(
        bytes32 indexed order,
        address indexed payer,
        uint256 price,
        address node,
        uint256 nodeFee,
        bytes entries,
        bytes32 manifest
    );

    /// @notice One generation of a batch was not settled, and may still be. `reason` is the selector of the error that
    /// `settle` would have reverted with.
    event Skipped(bytes32 indexed order, bytes4 reason);

    /// @notice What a batch credited in all, for every recording it listed: recording 0 stands for the payers' pool
    /// shares. Comes once, after the batch's other events.
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

    /// @notice Settles generations whose orders were each signed by their payers.
    function settleBatch(Batch calldata batch, Quorum calldata quorum) external;

    /// @notice Settles generations of one payer, who signed the list of their orders: the EIP-712 struct
    /// `Orders(Order[] orders)`, by a key with 64 bytes (EIP-2098) or 65.
    /// @dev The batch has to hold the whole list in its order; what was settled before is skipped.
    function settleOrders(Batch calldata batch, bytes calldata ordersSignature, Quorum calldata quorum) external;
}
