// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "../interfaces/IBatches.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {INodes} from "../interfaces/INodes.sol";
import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {AccountWord, AccountWords} from "../libraries/AccountWords.sol";
import {Room, BatchSheet, Spender} from "../libraries/BatchSheet.sol";
import {Entries} from "../libraries/Entries.sol";
import {PackedBatch} from "../libraries/PackedBatch.sol";
import {PackedLines} from "../libraries/PackedLines.sol";
import {PackedProofs} from "../libraries/PackedProofs.sol";
import {SettlementErrors} from "../libraries/SettlementErrors.sol";
import {BatchTables} from "./BatchTables.sol";

/// @title BatchSlowPath
/// @notice Slow path: finds why the fast path rejected a generation, then settles it, skips it or reverts.
abstract contract BatchSlowPath is BatchTables {
    // Settles the generation, skips it, or reverts.
    function _settleOrSkip(BatchSheet memory sheet, bytes calldata list, uint256 start, uint256 pool)
        internal
        returns (bool)
    {
        _checkEntries(sheet, list, start);
        require(sheet.nonce < AccountWords.NONCES, IEscrow.Escrow_NonceTooLarge(sheet.nonce));

        bytes4 reason = _payOrNot(sheet, pool);
        if (reason == 0) return true;

        _takeBack(sheet, list, start);
        emit IBatches.Skipped(sheet.order, reason);
        return false;
    }

    // Reverts with the invalid header field.
    function _refuseHead(BatchSheet memory sheet, bytes calldata list, uint256 start) internal view {
        (uint256 payer, uint256 payers) = (uint8(list[start + 64]), sheet.accounts.length / 2);
        (uint256 node, uint256 nodes) = (uint8(list[start + 65]), sheet.rooms.length / 3);
        (uint256 use, uint256 made) = (sheet.use, sheet.generatedAt);
        require(payer < payers, IBatches.Batch_NoSuchPayer(payer, payers));
        require(node < nodes, IBatches.Batch_NoSuchNode(node, nodes));
        require(use != 0 && use & sheet.notUses == 0, IRoyaltyLedger.Settlement_UnknownUse(use));
        require(made <= block.timestamp, IRoyaltyLedger.Settlement_FromTheFuture(made, block.timestamp));
        uint256 most = sheet.price * sheet.nodeCapBps / WHOLE_BPS;
        revert IRoyaltyLedger.Settlement_NodeFeeAboveCap(sheet.nodeFee, most);
    }

    // In packed form, entries always ascend and always have a weight.
    function _checkEntries(BatchSheet memory sheet, bytes calldata list, uint256 start) private pure {
        uint256 beyond;
        uint256 total;
        for (uint256 i = 0; i < sheet.count; i++) {
            (uint256 gap, uint256 weight) = _entry(list, start, i);
            beyond += gap + 1;
            total += weight;
        }
        uint256 lines = sheet.lines.length;
        require(sheet.count != 0, IRoyaltyLedger.Settlement_EntriesLength(0));
        require(beyond <= lines, IBatches.Batch_NoSuchRecording(beyond - 1, lines));
        require(total == Entries.MILLION, IRoyaltyLedger.Settlement_WeightsDoNotSum(total));
    }

    // Subtracts what `fold` added to the lines.
    function _takeBack(BatchSheet memory sheet, bytes calldata list, uint256 start) private pure {
        uint256 royalty = sheet.price - sheet.nodeFee - sheet.fee;
        uint256 index;
        uint256 upTo;
        uint256 paid;
        for (uint256 i = 0; i < sheet.count; i++) {
            (uint256 gap, uint256 weight) = _entry(list, start, i);
            index += gap;
            upTo += weight;
            uint256 amount = royalty * upTo / Entries.MILLION - paid;
            paid += amount;
            sheet.lines[index] -= amount;
            index++;
        }
    }

    function _entry(bytes calldata list, uint256 start, uint256 i) private pure returns (uint256 gap, uint256 weight) {
        uint256 packed = PackedProofs.wordAt(list, start + i * PackedLines.ENTRY) >> 224;
        return (packed & 0xfff, (packed >> 12) + 1);
    }

    // Takes the price from the account and counts it against the node's room, unless there is a reason not to. Returns
    // the first reason that `settle` would find.
    function _payOrNot(BatchSheet memory sheet, uint256 pool) private view returns (bytes4 reason) {
        if (sheet.generatedAt < sheet.oldest) return IRoyaltyLedger.Settlement_TooLate.selector;
        reason =
            SettlementErrors.consentReason(_state, PackedLines.entriesOf(sheet.count), sheet.generatedAt, sheet.use);
        if (reason == 0) reason = _nodeReason(sheet.room, sheet.price, sheet.nodeFee);
        if (reason == 0) reason = _accountReason(sheet, sheet.spender.account, pool);
        if (reason != 0) return reason;

        (Spender memory spender, Room memory room) = (sheet.spender, sheet.room);
        room.prices -= sheet.price;
        room.fees -= sheet.nodeFee;
        spender.account = spender.account.withNonce(sheet.nonce).spend(sheet.price, sheet.fee, pool);
    }

    function _nodeReason(Room memory room, uint256 price, uint256 nodeFee) private view returns (bytes4) {
        if (price >= room.prices) {
            bool allowed = _state.nodes[room.node].isAllowed();
            return allowed ? INodes.Nodes_CapReached.selector : INodes.Nodes_NotAllowed.selector;
        }
        return nodeFee < room.fees ? bytes4(0) : INodes.Nodes_Full.selector;
    }

    function _accountReason(BatchSheet memory sheet, AccountWord account, uint256 pool) private pure returns (bytes4) {
        if (sheet.nonce < account.nextNonce()) {
            uint256 age = account.age(sheet.nonce);
            if (age >= AccountWords.WINDOW) return IEscrow.Escrow_NonceTooOld.selector;
            if (account.isUsed(age)) return IEscrow.Escrow_NonceUsed.selector;
        }
        if (sheet.price > account.escrow()) return IEscrow.Escrow_Short.selector;
        if (sheet.fee > AccountWords.MOST_HELD - account.protocolFees()) return IEscrow.Escrow_FeesFull.selector;
        return pool > AccountWords.MOST_HELD - account.pool() ? IEscrow.Escrow_PoolFull.selector : bytes4(0);
    }
}
