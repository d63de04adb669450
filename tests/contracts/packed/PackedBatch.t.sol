// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {Attestation} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {AccountWord} from "../../../contracts/libraries/AccountWords.sol";
import {PackedBatchHarness} from "../support/PackedBatchHarness.sol";
import {PackedBatchPlain} from "../support/PackedBatchPlain.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice One generation of a batch in assembly against its twin in plain Solidity. See PackedBatch.tree.
contract PackedBatchTest {
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant NOW = 1_750_000_000;

    PackedBatchHarness internal harness;

    function setUp() public {
        harness = new PackedBatchHarness();
        vm.warp(NOW);
    }

    function _frame(uint256 dice) private pure returns (PackedBatchPlain.Frame memory frame) {
        frame.from = NOW - dice % 1_000;
        frame.uses = (dice >> 16) % 16;
        (frame.protocolBps, frame.nodeCapBps) = ((dice >> 24) % 2_501, (dice >> 40) % 2_501);
        frame.payers = new address[]((dice >> 56) % 4);
        frame.nodes = new address[]((dice >> 64) % 4);
        for (uint256 i = 0; i < 3; i++) {
            address one = address(uint160(uint256(keccak256(abi.encode(dice, i)))));
            if (i < frame.payers.length) frame.payers[i] = one;
            if (i < frame.nodes.length) frame.nodes[i] = address(uint160(one) ^ 1);
        }
    }

    // Numbers that are nearly valid: each flaw comes often, and so does none.
    function _head(bytes32[2] memory hashes, uint256 dice) private pure returns (bytes memory) {
        uint256 price = (dice >> 8) % 3 == 0 ? uint48(dice >> 16) : uint48(dice >> 16) % 1e7;
        uint256 fee = price * ((dice >> 64) % 2_600) / 10_000;
        bytes memory who = abi.encodePacked(uint8((dice >> 80) % 4), uint8((dice >> 88) % 4));
        bytes memory times = abi.encodePacked(uint32(dice >> 96), uint32(dice >> 128));
        bytes memory prices = abi.encodePacked(uint48(dice >> 160), uint48(price), uint48(fee));
        uint32 made = uint32((dice >> 208) % 1_001);
        bytes memory small = abi.encodePacked(uint8(dice >> 216), uint8(dice >> 224), uint8((dice >> 232) % 17));
        return bytes.concat(hashes[0], hashes[1], who, times, prices, bytes4(made), small, bytes1(uint8(dice)));
    }

    function testFuzz_Read(bytes32[2] memory hashes, uint256 dice, uint256 frameDice, uint8 start) public view {
        PackedBatchPlain.Frame memory frame = _frame(frameDice);
        bytes memory list = bytes.concat(new bytes(start), _head(hashes, dice), new bytes(4));
        vm.assertEq(harness.fastRead(frame, list, start), harness.plainRead(frame, list, start), "parts");
    }

    function testFuzz_ReadOfAnything(bytes32[4] memory words, uint256 frameDice) public view {
        PackedBatchPlain.Frame memory frame = _frame(frameDice);
        bytes memory list = abi.encodePacked(words);
        vm.assertEq(harness.fastRead(frame, list, 0), harness.plainRead(frame, list, 0), "parts");
    }

    /// @dev Valid signatures, mirrored ones, and ones with a flaw.
    function testFuzz_IsSigned(uint256 key, bytes32[2] memory front, uint256 flaw, uint8 start) public view {
        key = 1 + key % (CURVE - 1);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", front));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        (uint256 signed, uint256 parity) = (uint256(s), v - 27);
        if (flaw % 5 == 1) (signed, parity) = (CURVE - signed, 1 - parity);
        if (flaw % 5 == 2) signed = flaw >> 1;
        if (flaw % 5 == 3) r = bytes32(flaw);
        if (flaw % 5 == 4) parity = 1 - parity;
        bytes memory list = abi.encodePacked(new bytes(start), r, signed | parity << 255);
        address payer = vm.addr(key);
        bool fast = harness.fastIsSigned(front[0], front[1], payer, list, start);
        vm.assertEq(fast, harness.plainIsSigned(front[0], front[1], payer, list, start), "signed");
        vm.assertTrue(fast == (flaw % 5 == 0), "good");
    }

    function testFuzz_Pay(uint256 dice, uint256 word, uint256 edges) public view {
        PackedBatchPlain.Bill memory bill;
        bill.account = AccountWord.wrap(word);
        uint256 next = bill.account.nextNonce();
        bill.price = uint48(dice);
        bill.fee = bill.price * ((dice >> 48) % 2_501) / 10_000;
        bill.nodeFee = bill.price * ((dice >> 64) % 2_501) / 10_000;
        bill.pool = (dice >> 80) % 3 == 0 ? (dice >> 84) % (bill.price - bill.fee - bill.nodeFee + 1) : 0;
        bill.nonce = (dice >> 132) % 8 == 0 ? uint32(dice >> 136) : next + (dice >> 136) % 70;
        if (bill.nonce > type(uint32).max) bill.nonce = type(uint32).max;
        bill.found = (dice >> 168) % 8 == 0 ? dice >> 172 : 0;
        (bill.generatedAt, bill.oldest) = (NOW, NOW - 2 + (dice >> 176) % 4);
        bill.prices = edges % 4 == 0 ? bill.price + (edges >> 2) % 2 : uint64(edges);
        bill.fees = (edges >> 64) % 4 == 0 ? bill.nodeFee + (edges >> 66) % 2 : uint48(edges >> 68);
        _comparePay(bill);

        // An account with a small balance, and one with room left.
        bill.account = AccountWord.wrap(next << 160 | bill.price | edges >> 192 << 192);
        _comparePay(bill);
        uint256 held = uint256(type(uint48).max) - bill.pool + edges % 2;
        bill.account = AccountWord.wrap(next << 160 | bill.price | uint256(uint48(held)) << 112);
        _comparePay(bill);
        held = uint256(type(uint48).max) - bill.fee + (edges >> 1) % 2;
        bill.account = AccountWord.wrap(next << 160 | bill.price | uint256(uint48(held)) << 64);
        _comparePay(bill);
        bill.account = AccountWord.wrap(bill.price - (bill.price == 0 ? 0 : edges % 2));
        _comparePay(bill);
    }

    function _comparePay(PackedBatchPlain.Bill memory bill) private view {
        (bool fast, bytes memory after_) = harness.fastPay(bill);
        (bool plain, bytes memory expected) = harness.plainPay(bill);
        vm.assertEq(fast, plain, "paid");
        vm.assertEq(after_, expected, "after");
    }

    function test_PayTakesEveryNonceButTheLast() public view {
        PackedBatchPlain.Bill memory bill;
        (bill.prices, bill.fees) = (1, 1);
        for (uint256 next = 0; next < 2; next++) {
            bill.account = AccountWord.wrap(next << 160);
            bill.nonce = type(uint32).max;
            _comparePay(bill);
            bill.nonce -= 1;
            _comparePay(bill);
            (bool paid,) = harness.fastPay(bill);
            vm.assertTrue(paid, "the last but one");
        }
    }

    function testFuzz_AttestAndAnnounce(bytes32 set, bytes32 order, address payer, Attestation memory given) public {
        bytes memory entries = new bytes(uint256(given.generatedAt) % 256 * 8);
        for (uint256 i = 0; i < entries.length; i++) {
            entries[i] = bytes1(uint8(uint256(keccak256(abi.encode(set, i / 32))) >> (i % 32 * 8)));
        }
        given.entries = entries;
        vm.recordLogs();
        bytes32 fast = harness.fastTell(set, order, payer, given, uint256(order) % 9);
        bytes32 plain = harness.plainTell(set, order, payer, given, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(fast, plain, "hash");
        vm.assertEq(logs[0].data, logs[1].data, "log");
        vm.assertEq(abi.encode(logs[0].topics), abi.encode(logs[1].topics), "topics");
    }

    function testFuzz_Lists(bytes32 kind, bytes32[] memory list, uint256 index, bytes memory data) public {
        uint256 count = list.length == 0 ? 0 : index % (list.length + 1);
        (bytes32 hash, bytes32 expected) = harness.listHash(kind, list, count);
        vm.assertEq(hash, expected, "hash");
        if (list.length != 0) {
            (bytes32[] memory fast, bytes32[] memory plain) = harness.put(list, index % list.length, kind);
            vm.assertEq(abi.encode(fast), abi.encode(plain), "put");
        }
        vm.recordLogs();
        harness.fastEmit(data, kind);
        Vm.Log memory log = vm.getRecordedLogs()[0];
        vm.assertEq(log.data, data, "log");
        vm.assertTrue(log.topics.length == 2 && log.topics[1] == kind, "topics");
        vm.assertEq(log.topics[0], IBatches.Credited.selector, "kind");
    }
}
