// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingView} from "./ICatalogue.sol";
import {ILedger} from "./ILedger.sol";
import {SetView} from "./IOracleSet.sol";

/// @notice A consent, and whether it is valid at the given time.
struct ConsentView {
    bool stands;
    uint32 consentFrom;
    uint32 consentUntil;
    uint8 uses;
    uint16 maxShare;
}

/// @notice The current state of a payer. Amounts are in the token's smallest unit.
/// @param exitTime The time from which the payer may leave; 0 without a request.
/// @param parked What is parked for the payer, for any reason.
struct PayerView {
    uint256 escrow;
    uint256 protocolFees;
    uint256 pool;
    uint256 nextNonce;
    uint256 exitTime;
    uint256 parked;
}

/// @notice The current state of a node, or of the receiver of the protocol fees.
/// @param balance What it can withdraw.
/// @param disputable What it has earned and is still open to dispute.
/// @param spent The sum of the prices settled through it in the current epoch.
struct NodeView {
    bool allowed;
    uint256 balance;
    uint256 disputable;
    uint256 spent;
    uint256 parked;
}

/// @notice The current state of a set of oracles.
/// @param live Whether its attestations settle now: it is active, not paused and not expired.
struct SetSummary {
    SetView terms;
    bool live;
}

/// @notice How a price is divided.
/// @param royalty What the recordings and the pool get.
/// @param nodeFee The node's part, as requested.
/// @param mostNodeFee The largest node fee that the set allows.
/// @param protocolFee The protocol's part, rounded down.
struct Quote {
    uint256 royalty;
    uint256 nodeFee;
    uint256 mostNodeFee;
    uint256 protocolFee;
}

/// @title IRoyaltyLens
/// @notice What explorers, oracles and auditors read from a ledger, many items in one call. The lens stores nothing and
/// decides nothing: every answer follows from the ledger's own views.
///
/// The *inference set* may condition a generation, the *training set* may be learned from. They are separate uses, and
/// so have separate views.
///
/// Warning: an answer is that of the block at which it is asked. An oracle reads everything at one block.
/// Warning: for a future time, the answer assumes that nobody changes a consent until then.
interface IRoyaltyLens {
    error RoyaltyLens_NotALedger(address ledger);
    error RoyaltyLens_UnknownTier(uint256 tier, uint256 tiers);

    /// @notice The current state of recordings, in the order asked for; all zero if one is unknown.
    function recordings(uint32[] calldata ids) external view returns (RecordingView[] memory found);

    /// @notice The consent of a recording that counts at `time`, as a settlement judges a generation made then.
    /// @dev A settlement looks back at one replaced consent, this function at all of them: within `maxLag` the result
    /// is the same.
    function consentAt(uint32 recording, uint256 time) external view returns (ConsentView memory);

    /// @notice Which of the `count` recordings from `from` on consent to conditioning at `time`.
    /// @return ids The consenting recordings, ascending.
    /// @return next The start of the next page; 0 if this was the last one.
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

    /// @notice When a recording's disputable earnings can be withdrawn, unless they are frozen before: `first` is the
    /// earliest time for any part, `last` the time for all of it. Both are 0 if there are none.
    /// @dev Credits of the previous epoch can be withdrawn at `first`, those of the current epoch at `last`. The ledger
    /// does not tell how much is which.
    function maturesAt(uint32 recording) external view returns (uint256 first, uint256 last);

    /// @notice The current state of payers.
    function payers(address[] calldata who) external view returns (PayerView[] memory found);

    /// @notice The current state of nodes.
    function nodes(address[] calldata who) external view returns (NodeView[] memory found);

    /// @notice The current state of sets.
    function sets(bytes32[] calldata ids) external view returns (SetSummary[] memory found);

    /// @notice How a set divides a price. Reverts as a settlement does if the node's fee is too high.
    function quote(bytes32 set, uint256 price, uint256 nodeFee) external view returns (Quote memory);

    /// @notice What each entry of an attestation gets of a price, rounded as in a settlement. Reverts as a settlement
    /// does for invalid entries, but does not check consent.
    function divide(bytes32 set, uint256 price, uint256 nodeFee, bytes calldata entries)
        external
        view
        returns (uint256[] memory ids, uint256[] memory amounts);

    /// @notice The largest floor among recordings for a tier from 0 to 3: the lowest royalty for one second of a track
    /// that uses all of them.
    function floorOf(uint32[] calldata ids, uint256 tier) external view returns (uint256 perSecond);

    /// @notice The ledger that the lens reads.
    function ledger() external view returns (ILedger);
}
