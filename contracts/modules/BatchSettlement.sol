// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch, IBatches} from "../interfaces/IBatches.sol";
import {IRoyaltyLedger, Quorum} from "../interfaces/IRoyaltyLedger.sol";
import {BatchSheet} from "../libraries/BatchSheet.sol";
import {Consents} from "../libraries/Consents.sol";
import {PackedBatch} from "../libraries/PackedBatch.sol";
import {PackedLines} from "../libraries/PackedLines.sol";
import {PackedProofs} from "../libraries/PackedProofs.sol";
import {SetWord} from "../libraries/SetWords.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {TypedHashes} from "../libraries/TypedHashes.sol";
import {BatchSlowPath} from "./BatchSlowPath.sol";

/// @title BatchSettlement
/// @notice Settles many generations, one after another in the same working memory. See IBatches.
abstract contract BatchSettlement is BatchSlowPath {
    // The two bytes before the signed content (EIP-191).
    uint256 private constant PREFIX = 0x1901;

    function settleBatch(Batch calldata batch, Quorum calldata quorum) external {
        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        _begin(sheet, batch, quorum, Signatures.COMPACT);
        uint256 count = _takeAll(sheet, batch.generations, Signatures.COMPACT);
        _finish(sheet, count, quorum);
    }

    function settleOrders(Batch calldata batch, bytes calldata ordersSignature, Quorum calldata quorum) external {
        uint256 payers = batch.payers.length;
        require(payers == 1, IBatches.Batch_NotOnePayer(payers));

        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        _begin(sheet, batch, quorum, 0);
        uint256 count = _takeAll(sheet, batch.generations, 0);
        bytes32 digest =
            PackedProofs.digest(sheet.domain, PackedBatch.listHash(TypedHashes.ORDERS, sheet.orders, count));
        bool signed = Signatures.recover(digest, ordersSignature) == sheet.payer;
        require(signed, IRoyaltyLedger.Settlement_OrderNotSigned(sheet.payer));
        _finish(sheet, count, quorum);
    }

    function _begin(BatchSheet memory sheet, Batch calldata batch, Quorum calldata quorum, uint256 tail) private view {
        PackedBatch.placeEntries();
        sheet.set = PackedProofs.setId(quorum.threshold, quorum.signers);
        SetWord terms = _liveSet(sheet.set);
        (sheet.protocolBps, sheet.nodeCapBps) = (terms.protocolBps(), terms.nodeCapBps());
        (sheet.from, sheet.oldest) = (batch.from, block.timestamp - maxLag);
        (sheet.notUses, sheet.idMask) = (~batch.uses, uint256(type(uint32).max) << 224);
        (sheet.prefix, sheet.domain) = (PREFIX, _domainSeparatorV4());
        (sheet.orderType, sheet.attestationType) = (TypedHashes.ORDER, TypedHashes.ATTESTATION);
        require(sheet.from <= block.timestamp, IRoyaltyLedger.Settlement_FromTheFuture(sheet.from, block.timestamp));
        require(batch.uses <= Consents.ALL_USES, IRoyaltyLedger.Settlement_UnknownUse(batch.uses));

        uint256 most = batch.generations.length / (PackedBatch.HEAD + PackedLines.ENTRY + tail) + 1;
        sheet.attestations = new bytes32[](most);
        sheet.orders = new bytes32[](tail == 0 ? most : 0);
        sheet.accounts = _openAccounts(batch.payers);
        sheet.rooms = _openRooms(batch.nodes, terms.cap());
        sheet.lines = _openLines(batch);
        sheet.lastLine = PackedLines.lastOf(sheet.lines);
    }

    function _takeAll(BatchSheet memory sheet, bytes calldata list, uint256 tail) private returns (uint256 count) {
        uint256 at;
        while (at < list.length) {
            at = _take(sheet, list, at, tail, count);
            unchecked {
                count++;
            }
        }
        require(at == list.length, IBatches.Batch_GenerationsLength(list.length));
        require(count != 0, IBatches.Batch_Empty());
    }

    // Settles the generation at `start`, or skips it. Returns the start of the next one.
    function _take(BatchSheet memory sheet, bytes calldata list, uint256 start, uint256 tail, uint256 index)
        private
        returns (uint256 end)
    {
        end = PackedBatch.read(list, start);
        if (end == 0) _refuseHead(sheet, list, start);
        unchecked {
            start += PackedBatch.HEAD;
        }
        if (tail == 0) PackedBatch.put(sheet.orders, index, sheet.order);
        else if (!PackedBatch.isSigned(list, end)) revert IRoyaltyLedger.Settlement_OrderNotSigned(sheet.payer);

        (uint256 pool, uint256 found) = PackedLines.fold(list, start, end);
        PackedBatch.attest(sheet.attestations, index);
        if (PackedBatch.pay(pool, found) || _settleOrSkip(sheet, list, start, pool)) {
            PackedBatch.announce(IBatches.SettledInBatch.selector);
        }
        unchecked {
            end += tail;
        }
    }

    // Nothing is written before the quorum is checked: an oracle may be a contract, which can read the ledger's state.
    function _finish(BatchSheet memory sheet, uint256 count, Quorum calldata quorum) private {
        bytes32 stated = PackedBatch.listHash(TypedHashes.BATCH, sheet.attestations, count);
        bytes32 digest = PackedProofs.digest(sheet.domain, stated);
        Signatures.checkQuorum(digest, quorum.threshold, quorum.signers, quorum.signatures);

        uint256 epoch = _epoch();
        (bytes memory log, bool full) = PackedLines.credit(_state.recordings, sheet.lines, epoch);
        if (full) _refuseFull(sheet.lines, epoch);
        _closeAccounts(sheet.accounts);
        _closeNodes(sheet.rooms, _state.sets[sheet.set].cap(), epoch);

        PackedBatch.emitLog(log, IBatches.Credited.selector, sheet.set);
    }
}
