// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {Attestation} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {AccountWord} from "../../../contracts/libraries/AccountWords.sol";
import {BatchSheet} from "../../../contracts/libraries/BatchSheet.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
import {TypedHashes} from "../../../contracts/libraries/TypedHashes.sol";
import {PackedBatchPlain} from "./PackedBatchPlain.sol";

/// @notice Decodes, pays and logs a generation in assembly and in plain Solidity, side by side.
contract PackedBatchHarness {
    function fastRead(PackedBatchPlain.Frame calldata frame, bytes calldata list, uint256 start)
        external
        view
        returns (bytes memory)
    {
        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        PackedBatch.placeEntries();
        _frame(sheet, frame);
        uint256 end = PackedBatch.read(list, start);
        if (end == 0) return abi.encode(0);

        bytes memory order = abi.encode(
            sheet.payer, sheet.nonce, sheet.request, sheet.maxPrice, sheet.tier, sheet.use, sheet.rule, sheet.deadline
        );
        bytes memory rest = abi.encode(sheet.order, sheet.price, sheet.node, sheet.nodeFee, sheet.generatedAt);
        uint256 royalty = (sheet.rate - 1) / 340282366920938463463374607431769;
        bytes memory last = abi.encode(sheet.manifest, sheet.count, sheet.fee, royalty);
        bool same = sheet.spender.payer == sheet.payer && sheet.room.node == sheet.node;
        same = same && sheet.signed == sheet.order;
        return abi.encodePacked(end, order, rest, last, same);
    }

    function plainRead(PackedBatchPlain.Frame calldata frame, bytes calldata list, uint256 start)
        external
        view
        returns (bytes memory)
    {
        (uint256 end, PackedBatchPlain.Parts memory parts) = PackedBatchPlain.read(frame, list, start);
        if (end == 0) return abi.encode(0);

        bytes memory rest = abi.encode(parts.id, parts.price, parts.node, parts.nodeFee, parts.generatedAt);
        bytes memory last = abi.encode(parts.manifest, parts.count, parts.fee, parts.royalty);
        return abi.encodePacked(end, abi.encode(parts.order), rest, last, true);
    }

    function _frame(BatchSheet memory sheet, PackedBatchPlain.Frame calldata frame) private pure {
        (sheet.from, sheet.notUses, sheet.orderType) = (frame.from, ~frame.uses, TypedHashes.ORDER);
        (sheet.protocolBps, sheet.nodeCapBps) = (frame.protocolBps, frame.nodeCapBps);
        sheet.accounts = new uint256[](2 * frame.payers.length);
        for (uint256 i = 0; i < frame.payers.length; i++) {
            sheet.accounts[2 * i] = uint160(frame.payers[i]);
        }
        sheet.rooms = new uint256[](3 * frame.nodes.length);
        for (uint256 i = 0; i < frame.nodes.length; i++) {
            sheet.rooms[3 * i] = uint160(frame.nodes[i]);
        }
    }

    function fastIsSigned(bytes32 domain, bytes32 order, address payer, bytes calldata list, uint256 start)
        external
        view
        returns (bool)
    {
        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        (sheet.prefix, sheet.domain, sheet.signed, sheet.payer) = (0x1901, domain, order, payer);
        return PackedBatch.isSigned(list, start);
    }

    function plainIsSigned(bytes32 domain, bytes32 order, address payer, bytes calldata list, uint256 start)
        external
        pure
        returns (bool)
    {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, order));
        return PackedBatchPlain.isSigned(digest, payer, list, start);
    }

    function fastPay(PackedBatchPlain.Bill calldata bill) external pure returns (bool paid, bytes memory) {
        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        PackedBatch.placeEntries();
        (sheet.nonce, sheet.price, sheet.fee, sheet.nodeFee) = (bill.nonce, bill.price, bill.fee, bill.nodeFee);
        (sheet.generatedAt, sheet.oldest) = (bill.generatedAt, bill.oldest);
        sheet.spender.account = bill.account;
        (sheet.room.prices, sheet.room.fees) = (bill.prices, bill.fees);
        paid = PackedBatch.pay(bill.pool, bill.found);
        return (paid, abi.encode(sheet.spender.account, sheet.room.prices, sheet.room.fees));
    }

    function plainPay(PackedBatchPlain.Bill memory bill) external pure returns (bool paid, bytes memory) {
        paid = PackedBatchPlain.pay(bill);
        return (paid, abi.encode(bill.account, bill.prices, bill.fees));
    }

    /// @dev The hash of an attestation in a list, then its event.
    function fastTell(bytes32 set, bytes32 order, address payer, Attestation calldata given, uint256 index)
        external
        returns (bytes32)
    {
        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        PackedBatch.placeEntries();
        bytes calldata entries = given.entries;
        assembly ("memory-safe") {
            // The entries follow after the sheet.
            calldatacopy(add(sheet, 0x540), entries.offset, entries.length)
            mstore(add(add(sheet, 0x540), entries.length), 0)
        }
        (sheet.attestationType, sheet.set, sheet.order, sheet.payer) = (TypedHashes.ATTESTATION, set, order, payer);
        (sheet.price, sheet.node, sheet.nodeFee) = (given.price, given.node, given.nodeFee);
        (sheet.generatedAt, sheet.manifest) = (given.generatedAt, given.manifest);
        (sheet.entries, sheet.count) = (keccak256(entries), entries.length / 8);
        bytes32[] memory list = new bytes32[](index + 1);
        PackedBatch.attest(list, index);
        PackedBatch.announce(IBatches.SettledInBatch.selector);
        return list[index];
    }

    function plainTell(bytes32 set, bytes32 order, address payer, Attestation calldata given, uint256)
        external
        returns (bytes32)
    {
        emit IBatches.SettledInBatch(
            order, payer, given.price, given.node, given.nodeFee, given.entries, given.manifest
        );
        return PackedBatchPlain.attestationHash(set, order, given);
    }

    function listHash(bytes32 kind, bytes32[] memory list, uint256 count)
        external
        pure
        returns (bytes32 fast, bytes32 plain)
    {
        return (PackedBatch.listHash(kind, list, count), PackedBatchPlain.listHash(kind, list, count));
    }

    function put(bytes32[] memory list, uint256 index, bytes32 hash)
        external
        pure
        returns (bytes32[] memory fast, bytes32[] memory plain)
    {
        plain = new bytes32[](list.length);
        for (uint256 i = 0; i < list.length; i++) {
            plain[i] = i == index ? hash : list[i];
        }
        PackedBatch.put(list, index, hash);
        return (list, plain);
    }

    function fastEmit(bytes memory data, bytes32 first) external {
        PackedBatch.emitLog(data, IBatches.Credited.selector, first);
    }
}
