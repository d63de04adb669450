// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PackedLinesHarness} from "../support/PackedLinesHarness.sol";
import {vm} from "../support/Vm.sol";

/// @notice The recordings of a batch in assembly against their twin in plain Solidity. See PackedLines.tree.
contract PackedLinesTest {
    uint256 private constant NOW = 1_750_000_000;

    PackedLinesHarness internal harness;

    function setUp() public {
        harness = new PackedLinesHarness();
    }

    function testFuzz_Open(uint256 seed) public {
        PackedLinesHarness.Given memory given = _given(seed);
        if (seed % 3 == 0) given.ids[(seed >> 56) % given.ids.length] ^= 0x01;
        vm.assertEq(harness.fastOpen(given), harness.plainOpen(given), "lines");
    }

    function testFuzz_OpenOfAnything(bytes memory ids, uint32 from, uint32 to, uint8 uses) public view {
        PackedLinesHarness.Given memory given;
        (given.from, given.to, given.uses) = (from, to, uses);
        if (from == type(uint32).max || to == type(uint32).max) return;
        given.ids = new bytes(ids.length / 4 * 4);
        for (uint256 i = 0; i < given.ids.length; i++) {
            given.ids[i] = ids[i];
        }
        vm.assertEq(harness.fastOpen(given), harness.plainOpen(given), "lines");
    }

    function testFuzz_FoldAndCredit(uint256 seed) public {
        _compareAll(_given(seed));
    }

    /// @dev The same in a later epoch, on the words of the first run, up to words that are nearly full.
    function testFuzz_CreditLater(uint256 seed, uint16 epochs, uint256 words) public {
        PackedLinesHarness.Given memory given = _given(seed);
        for (uint256 i = 0; i < given.ids.length / 4; i++) {
            uint256 id = _id(given, i);
            (uint256 word,) = harness.read(id);
            uint256 dice = uint256(keccak256(abi.encode(words, i)));
            uint256 bucket = uint168(dice);
            if (dice >> 248 < 128) bucket = dice % 3 * 1e12 | uint256(uint16(given.epoch + 3 - dice % 3)) << 152;
            harness.write(id, word >> 168 << 168 | bucket);
        }
        given.epoch = uint16(given.epoch + 3 + epochs % 3);
        _compareAll(given);
    }

    function _compareAll(PackedLinesHarness.Given memory given) private {
        (bytes memory fast, bytes memory log, bool full) = harness.fastAll(given);
        (bytes memory plain, bytes memory expected, bool over) = harness.plainAll(given);
        vm.assertEq(fast, plain, "told");
        vm.assertEq(log, expected, "log");
        vm.assertEq(full, over, "full");
        bool named;
        for (uint256 i = 0; i < given.ids.length / 4; i++) {
            (uint256 word, uint256 other) = harness.read(_id(given, i));
            if (!full) vm.assertEq(word, other, "word");
            if (uint16(word >> 152) != given.epoch) named = true;
        }
        vm.assertTrue(!full || named, "a full one shows");
    }

    function _id(PackedLinesHarness.Given memory given, uint256 i) private pure returns (uint256 id) {
        for (uint256 j = 0; j < 4; j++) {
            id = id << 8 | uint8(given.ids[4 * i + j]);
        }
    }

    // Recordings whose consent is usually valid, and generations that are nearly valid: each flaw comes often, and so
    // does none.
    function _given(uint256 seed) private returns (PackedLinesHarness.Given memory given) {
        (given.from, given.to) = (NOW - seed % 3, NOW);
        given.uses = 1 + (seed >> 8) % 15;
        given.epoch = uint16(seed >> 16);
        uint256 id = (seed >> 32) % 3;
        uint256 count = 1 + (seed >> 40) % 9;
        for (uint256 i = 0; i < count; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            given.ids = abi.encodePacked(given.ids, uint32(id));
            if (id != 0) harness.write(id, _word(given, dice));
            id += 1 + dice % 1_000;
        }
        uint256 generations = 1 + (seed >> 48) % 4;
        (given.counts, given.royalties) = (new uint256[](generations), new uint256[](generations));
        for (uint256 i = 0; i < generations; i++) {
            _generation(given, i, count, uint256(keccak256(abi.encode(seed, "generation", i))));
        }
        given.list = bytes.concat(given.list, keccak256(abi.encode(seed)));
    }

    function _word(PackedLinesHarness.Given memory given, uint256 dice) private pure returns (uint256) {
        uint256 from = given.from - (dice >> 40) % 3;
        uint256 until = given.to + 1 + (dice >> 44) % 3;
        uint256 uses = given.uses | (dice >> 48) % 16;
        uint256 share = (dice >> 52) % 3 == 0 ? (dice >> 56) % 10_001 : 10_000;
        uint256 flaw = (dice >> 100) % 24;
        if (flaw == 0) from = given.from + 1;
        if (flaw == 1) until = given.to;
        if (flaw == 2) uses = uses & (dice >> 64) % 16;
        uint256 bucket = (dice >> 128) % 1e9 | (dice >> 160) % 1e9 << 104 | given.epoch << 152;
        return bucket | from << 168 | until << 200 | uses << 232 | share << 240;
    }

    function _generation(PackedLinesHarness.Given memory given, uint256 i, uint256 lines, uint256 dice) private pure {
        given.royalties[i] = dice % 4 == 0 ? uint48(dice >> 8) : (dice >> 8) % 1e7;
        uint256 left = 1_000_000;
        uint256 next;
        uint256 flaw = (dice >> 64) % 40;
        for (uint256 j = 0; j < lines && left != 0; j++) {
            dice = uint256(keccak256(abi.encode(dice)));
            if (dice % 3 == 0 && j + 1 != lines) continue;
            uint256 weight = j + 1 == lines || dice % 5 == 0 ? left : 1 + (dice >> 8) % left;
            left -= weight;
            uint256 gap = j - next;
            if (flaw == 1 && left == 0) gap += 1 + (dice >> 32) % 4_000;
            if (flaw == 2 && left == 0 && weight < 1_000_000) weight += 1;
            given.list = abi.encodePacked(given.list, uint32((weight - 1) << 12 | (gap & 0xfff)));
            given.counts[i]++;
            next = j + 1;
        }
        if (flaw == 3) given.counts[i] = 0;
    }
}
