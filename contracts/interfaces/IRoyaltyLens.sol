// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingView} from "./ICatalogue.sol";
import {SetView} from "./IOracleSet.sol";
import {IWholeLedger} from "./IWholeLedger.sol";

/// @notice A consent, and whether it stands at the time that was asked for.
struct ConsentView {
    bool stands;
    uint32 consentFrom;
    uint32 consentUntil;
    uint8 uses;
    uint16 maxShare;
}

/// @notice A payer as it stands now. Amounts are in the token's smallest unit.
/// @param exitTime From when it may leave; 0 when no exit stands.
/// @param parked What waits for it, for whatever reason.
struct PayerView {
    uint256 escrow;
    uint256 protocolFees;
    uint256 pool;
    uint256 nextNonce;
    uint256 exitTime;
    uint256 parked;
}

/// @notice A node, or the receiver of the protocol's fees, as it stands now.
/// @param balance What it can withdraw.
/// @param disputable What it has earned that is still open to dispute.
/// @param spent The sum of the prices settled through it in this epoch.
struct NodeView {
    bool allowed;
    uint256 balance;
    uint256 disputable;
    uint256 spent;
    uint256 parked;
}

/// @notice A set of oracles as it stands now.
/// @param live Whether its attestations settle at this moment, the pause and its end included.
struct SetSummary {
    SetView terms;
    bool live;
}

/// @notice How a price divides.
/// @param royalty What the recordings and the pool get.
/// @param nodeFee The node's part, as asked for.
/// @param mostNodeFee The most that the set allows of it.
/// @param protocolFee The protocol's part, rounded down.
struct Quote {
    uint256 royalty;
    uint256 nodeFee;
    uint256 mostNodeFee;
    uint256 protocolFee;
}

/// @title IRoyaltyLens
/// @notice What explorers, oracles and auditors ask of a ledger, many things in one call. It holds nothing and decides nothing: every
/// answer follows from the ledger's own views.
///
/// The *inference set* is what may condition a generation, the *training set* what may be learned from. They are uses apart,
/// and so are seen apart.
///
/// Warning: answers are those of the block they are asked at. An oracle asks for one block throughout.
/// Warning: for a time that is still to come the answer is what would be if nobody changed a consent.
interface IRoyaltyLens {
    error RoyaltyLens_NotALedger(address ledger);
    error RoyaltyLens_UnknownTier(uint256 tier, uint256 tiers);

    /// @notice Recordings as they stand now, in the order asked for; all zero where one is unknown.
    function recordings(uint32[] calldata ids) external view returns (RecordingView[] memory found);

    /// @notice The consent of a recording that counts at `time`, as a settlement judges a generation made then.
    /// @dev A settlement looks back by one replaced consent, this by all: within `maxLag` that is the same.
    function consentAt(uint32 recording, uint256 time) external view returns (ConsentView memory);

    /// @notice Which of the `count` recordings from `from` on consent to conditioning at `time`.
    /// @return ids Those that do, ascending.
    /// @return next Where the next page begins; 0 when this was the last.
    function inferenceSet(uint32 from, uint32 count, uint256 time)
        external
        view
        returns (uint32[] memory ids, uint32 next);

    /// @notice Which of the `count` recordings from `from` on consent to training at `time`; as `inferenceSet`.
    function trainingSet(uint32 from, uint32 count, uint256 time)
        external
        view
        returns (uint32[] memory ids, uint32 next);

    /// @notice What can be withdrawn for each recording now.
    function withdrawable(uint32[] calldata ids) external view returns (uint256 total, uint256[] memory amounts);

    /// @notice When what a recording has earned and is open to dispute can be withdrawn, unless it is frozen before: `first` is the
    /// earliest for any part of it, `last` is when all of it can. Both 0 when there is nothing.
    /// @dev What was credited in the epoch before this one can be withdrawn at `first`, what in this one at `last`. How much is which
    /// the ledger does not tell.
    function maturesAt(uint32 recording) external view returns (uint256 first, uint256 last);

    /// @notice Payers as they stand now.
    function payers(address[] calldata who) external view returns (PayerView[] memory found);

    /// @notice Nodes as they stand now.
    function nodes(address[] calldata who) external view returns (NodeView[] memory found);

    /// @notice Sets as they stand now.
    function sets(bytes32[] calldata ids) external view returns (SetSummary[] memory found);

    /// @notice How a set divides a price. Reverts, as a settlement does, when the node asks for too much.
    function quote(bytes32 set, uint256 price, uint256 nodeFee) external view returns (Quote memory);

    /// @notice What each entry of an attestation gets of a price, rounded as a settlement rounds. Reverts, as that does, for entries
    /// that it refuses, but asks no consent.
    function divide(bytes32 set, uint256 price, uint256 nodeFee, bytes calldata entries)
        external
        view
        returns (uint256[] memory ids, uint256[] memory amounts);

    /// @notice The largest floor among recordings for a tier of 0 to 3: the least royalty for a second of a track that uses them all.
    function floorOf(uint32[] calldata ids, uint256 tier) external view returns (uint256 perSecond);

    /// @notice The ledger that is looked at.
    function ledger() external view returns (IWholeLedger);
}
