// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Settling} from "../Settling.sol";
import {Batch, IBatches} from "../interfaces/IBatches.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {INodes} from "../interfaces/INodes.sol";
import {IRoyaltyLedger, Quorum} from "../interfaces/IRoyaltyLedger.sol";
import {AccountWord, AccountWords} from "../libraries/AccountWords.sol";
import {Buckets} from "../libraries/Buckets.sol";
import {Consents} from "../libraries/Consents.sol";
import {Entries} from "../libraries/Entries.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {PackedBatch, Room, Sheet, Spender} from "../libraries/PackedBatch.sol";
import {PackedProofs} from "../libraries/PackedProofs.sol";
import {Refusals} from "../libraries/Refusals.sol";
import {SetWord} from "../libraries/SetWords.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Typed} from "../libraries/Typed.sol";

/// @title Batching
/// @notice Many generations at once, each slot read once and written once. See IBatches.
abstract contract Batching is Settling {
    // The two bytes before what is signed (EIP-191).
    uint256 private constant PREFIX = 0x1901;

    function settleBatch(Batch calldata batch, Quorum calldata quorum) external {
        PackedBatch.placeSheet();
        Sheet memory sheet;
        _begin(sheet, batch, quorum, Signatures.COMPACT);
        uint256 count = _takeAll(sheet, batch.generations);
        _finish(sheet, count, quorum);
    }

    function settleOrders(Batch calldata batch, bytes calldata ordersSignature, Quorum calldata quorum) external {
        uint256 payers = batch.payers.length;
        require(payers == 1, IBatches.Batch_NotOnePayer(payers));

        PackedBatch.placeSheet();
        Sheet memory sheet;
        _begin(sheet, batch, quorum, 0);
        uint256 count = _takeAll(sheet, batch.generations);
        bytes32 digest = PackedProofs.digest(sheet.domain, PackedBatch.listHash(Typed.ORDERS, sheet.orders, count));
        bool signed = Signatures.recover(digest, ordersSignature) == sheet.payer;
        require(signed, IRoyaltyLedger.Settlement_OrderNotSigned(sheet.payer));
        _finish(sheet, count, quorum);
    }

    function _begin(Sheet memory sheet, Batch calldata batch, Quorum calldata quorum, uint256 tail) private view {
        PackedBatch.placeEntries();
        sheet.set = PackedProofs.setId(quorum.threshold, quorum.signers);
        SetWord terms = _liveSet(sheet.set);
        (sheet.protocolBps, sheet.nodeCapBps) = (terms.protocolBps(), terms.nodeCapBps());
        (sheet.tail, sheet.from, sheet.oldest) = (tail, batch.from, block.timestamp - maxLag);
        (sheet.notUses, sheet.idMask) = (~batch.uses, uint256(type(uint32).max) << 224);
        (sheet.prefix, sheet.domain) = (PREFIX, _domainSeparatorV4());
        (sheet.orderType, sheet.attestationType) = (Typed.ORDER, Typed.ATTESTATION);
        require(sheet.from <= block.timestamp, IRoyaltyLedger.Settlement_FromTheFuture(sheet.from, block.timestamp));
        require(batch.uses <= Consents.ALL_USES, IRoyaltyLedger.Settlement_UnknownUse(batch.uses));

        uint256 most = batch.generations.length / (PackedBatch.HEAD + PackedBatch.ENTRY + tail) + 1;
        sheet.attestations = new bytes32[](most);
        sheet.orders = new bytes32[](tail == 0 ? most : 0);
        sheet.accounts = _openAccounts(batch.payers);
        sheet.rooms = _openRooms(batch.nodes, terms.cap());
        sheet.lines = _openLines(batch);
        sheet.lastLine = PackedBatch.lastOf(sheet.lines);
    }

    // An account listed twice could spend its escrow twice.
    function _openAccounts(address[] calldata payers) private view returns (uint256[] memory accounts) {
        accounts = new uint256[](2 * payers.length);
        address previous = address(0);
        for (uint256 i = 0; i < payers.length; i++) {
            require(payers[i] > previous, IBatches.Batch_PayersNotAscending(previous, payers[i]));
            previous = payers[i];
            accounts[2 * i] = uint160(previous);
            accounts[2 * i + 1] = AccountWord.unwrap(_state.accounts[previous]);
        }
    }

    // A node listed twice could pass its cap.
    function _openRooms(address[] calldata nodes, uint256 cap) private view returns (uint256[] memory rooms) {
        rooms = new uint256[](3 * nodes.length);
        uint256 epoch = _epoch();
        address previous = address(0);
        for (uint256 i = 0; i < nodes.length; i++) {
            require(nodes[i] > previous, IBatches.Batch_NodesNotAscending(previous, nodes[i]));
            previous = nodes[i];
            rooms[3 * i] = uint160(previous);
            (rooms[3 * i + 1], rooms[3 * i + 2]) = _room(_state.nodes[previous], cap, epoch);
        }
    }

    function _room(NodeWord word, uint256 cap, uint256 epoch) private pure returns (uint256 prices, uint256 fees) {
        uint256 spent = word.spent(epoch);
        (uint256 matured,, uint256 cur) = Buckets.read(NodeWord.unwrap(word), epoch);
        if (word.isAllowed() && spent <= cap) prices = cap - spent + 1;
        if (matured <= Buckets.MOST_MATURED) fees = Buckets.MOST_HELD - cur + 1;
    }

    function _openLines(Batch calldata batch) private view returns (uint256[] memory lines) {
        bytes calldata ids = batch.recordings;
        require(ids.length % 4 == 0, IBatches.Batch_RecordingsLength(ids.length));

        bool ascending;
        (lines, ascending) = PackedBatch.open(_state.recordings, ids, batch.from, block.timestamp, batch.uses);
        require(ascending, IBatches.Batch_RecordingsNotAscending());
    }

    function _takeAll(Sheet memory sheet, bytes calldata list) private returns (uint256 count) {
        uint256 at;
        while (at < list.length) {
            at = _take(sheet, list, at, count);
            unchecked {
                count++;
            }
        }
        require(at == list.length, IBatches.Batch_GenerationsLength(list.length));
        require(count != 0, IBatches.Batch_Empty());
    }

    // Settles the generation at `start` on the sheet, or skips it. Returns where the next one begins.
    function _take(Sheet memory sheet, bytes calldata list, uint256 start, uint256 index) private returns (uint256 end) {
        end = PackedBatch.read(list, start);
        if (end == 0) _refuseHead(sheet, list, start);
        unchecked {
            start += PackedBatch.HEAD;
        }
        uint256 tail = sheet.tail;
        if (tail == 0) PackedBatch.put(sheet.orders, index, sheet.order);
        else if (!PackedBatch.isSigned(list, end)) revert IRoyaltyLedger.Settlement_OrderNotSigned(sheet.payer);

        (uint256 pool, uint256 found) = PackedBatch.fold(list, start, end);
        PackedBatch.attest(sheet.attestations, index);
        if (PackedBatch.pay(pool, found) || _lookCloser(sheet, list, start, pool)) {
            PackedBatch.announce(IBatches.SettledInBatch.selector);
        }
        unchecked {
            return end + tail;
        }
    }

    // Settles the generation after all, skips it, or reverts.
    function _lookCloser(Sheet memory sheet, bytes calldata list, uint256 start, uint256 pool) private returns (bool) {
        _checkEntries(sheet, list, start);
        require(sheet.nonce < AccountWords.NONCES, IEscrow.Escrow_NonceTooLarge(sheet.nonce));

        bytes4 reason = _payOrNot(sheet, pool);
        if (reason == 0) return true;

        _takeBack(sheet, list, start);
        emit IBatches.Skipped(sheet.order, reason);
        return false;
    }

    // Says what in the head of a generation cannot be.
    function _refuseHead(Sheet memory sheet, bytes calldata list, uint256 start) private view {
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

    // Packed as they are, entries cannot help ascending and weighing something.
    function _checkEntries(Sheet memory sheet, bytes calldata list, uint256 start) private pure {
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

    // What `fold` has added is taken off again.
    function _takeBack(Sheet memory sheet, bytes calldata list, uint256 start) private pure {
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
        uint256 packed = PackedProofs.wordAt(list, start + i * PackedBatch.ENTRY) >> 224;
        return (packed & 0xfff, (packed >> 12) + 1);
    }

    // Takes the price from the account and counts it against the node's room, unless there is a reason not to: the first that
    // `settle` would find.
    function _payOrNot(Sheet memory sheet, uint256 pool) private view returns (bytes4 reason) {
        if (sheet.generatedAt < sheet.oldest) return IRoyaltyLedger.Settlement_TooLate.selector;
        reason = Refusals.consentReason(_state, PackedBatch.entriesOf(sheet.count), sheet.generatedAt, sheet.use);
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

    function _accountReason(Sheet memory sheet, AccountWord account, uint256 pool) private pure returns (bytes4) {
        if (sheet.nonce < account.nextNonce()) {
            uint256 age = account.age(sheet.nonce);
            if (age >= AccountWords.WINDOW) return IEscrow.Escrow_NonceTooOld.selector;
            if (account.isUsed(age)) return IEscrow.Escrow_NonceUsed.selector;
        }
        if (sheet.price > account.escrow()) return IEscrow.Escrow_Short.selector;
        if (sheet.fee > AccountWords.MOST_HELD - account.protocolFees()) return IEscrow.Escrow_FeesFull.selector;
        return pool > AccountWords.MOST_HELD - account.pool() ? IEscrow.Escrow_PoolFull.selector : bytes4(0);
    }

    // Nothing is written until the quorum has been asked: an oracle may be a contract, which can look.
    function _finish(Sheet memory sheet, uint256 count, Quorum calldata quorum) private {
        bytes32 digest = PackedProofs.digest(sheet.domain, PackedBatch.listHash(Typed.BATCH, sheet.attestations, count));
        Signatures.checkQuorum(digest, quorum.threshold, quorum.signers, quorum.signatures);

        uint256 epoch = _epoch();
        (bytes memory log, bool full) = PackedBatch.credit(_state.recordings, sheet.lines, epoch);
        if (full) _refuseFull(sheet.lines, epoch);
        _closeAccounts(sheet.accounts);
        _closeNodes(sheet.rooms, _state.sets[sheet.set].cap(), epoch);

        PackedBatch.emitLog(log, IBatches.Credited.selector, sheet.set);
    }

    // A field that ran over shows in the epoch. What were lines are recordings now.
    function _refuseFull(uint256[] memory ids, uint256 epoch) private view {
        for (uint256 i = 0; i < ids.length; i++) {
            bool kept = ids[i] == 0 || _state.recordings[ids[i]].epoch() == epoch;
            require(kept, IRoyaltyLedger.Settlement_RecordingFull(ids[i]));
        }
    }

    function _closeAccounts(uint256[] memory accounts) private {
        for (uint256 i = 0; i < accounts.length; i += 2) {
            _state.accounts[address(uint160(accounts[i]))] = AccountWord.wrap(accounts[i + 1]);
        }
    }

    function _closeNodes(uint256[] memory rooms, uint256 cap, uint256 epoch) private {
        for (uint256 i = 0; i < rooms.length; i += 3) {
            _closeNode(address(uint160(rooms[i])), rooms[i + 1], rooms[i + 2], cap, epoch);
        }
    }

    function _closeNode(address node, uint256 prices, uint256 fees, uint256 cap, uint256 epoch) private {
        NodeWord word = _state.nodes[node];
        (uint256 before, uint256 feesBefore) = _room(word, cap, epoch);
        (uint256 spent, uint256 earned) = (before - prices, feesBefore - fees);
        if (spent == 0 && earned == 0) return;

        (_state.nodes[node],) = word.settle(earned, spent, epoch);
    }
}
