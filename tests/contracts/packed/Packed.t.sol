// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {PackedHarness} from "../support/PackedHarness.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice Crediting in assembly against its twin in plain Solidity. See Packed.tree.
contract PackedTest {
    uint256 private constant MADE = 1_750_000_000;

    PackedHarness internal harness;

    function setUp() public {
        harness = new PackedHarness();
    }

    function testFuzz_Load(bytes memory data, uint256 offset) public view {
        vm.assume(data.length >= 32);
        (bytes32 fast, bytes32 plain) = harness.load(data, offset % (data.length - 31));
        vm.assertEq(fast, plain, "word");
    }

    function testFuzz_And(bool a, bool b) public view {
        (bool fast, bool plain) = harness.and(a, b);
        vm.assertTrue(fast == plain, "both");
    }

    function testFuzz_Take(uint256 word, uint256 epoch, uint256 age) public view {
        epoch = epoch % 65_536;
        if (age % 4 != 3) word = word & ~(uint256(0xffff) << 152) | (epoch + 65_536 - age % 4) % 65_536 << 152;
        (uint256 due, uint256 rest, uint256 plainDue, uint256 plainRest) = harness.take(word, epoch);
        vm.assertEq(due, plainDue, "due");
        vm.assertEq(rest, plainRest, "rest");
    }

    /// @dev The log decodes to what was pushed, for any used part of the room.
    function testFuzz_Runs(uint32[] memory first, uint32[] memory second, uint8 more, address payee) public {
        uint256 most = first.length > second.length ? first.length : second.length;
        vm.recordLogs();
        harness.fastRuns(most + more, first, second, payee);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _checkRun(logs[0], first, payee);
        _checkRun(logs[1], second, payee);
    }

    function _checkRun(Vm.Log memory log, uint32[] memory ids, address payee) private pure {
        (uint32[] memory found, uint256[] memory amounts) = abi.decode(log.data, (uint32[], uint256[]));
        vm.assertEq(abi.encode(found), abi.encode(ids), "recordings");
        vm.assertEq(amounts.length, ids.length, "amounts");
        for (uint256 i = 0; i < ids.length; i++) {
            vm.assertEq(amounts[i], ~uint256(ids[i]), "amount");
        }
        vm.assertEq(log.topics[1], bytes32(uint256(uint160(payee))), "payee");
        vm.assertEq(log.topics[0], IPayouts.WithdrawnMany.selector, "event");
    }

    /// @dev Entries that are nearly valid: each flaw comes often, and so does none.
    function testFuzz_Credit(uint256 seed, uint48 royalty, uint256[4] memory head) public {
        uint256 count = 1 + seed % 8;
        uint256[4] memory terms = [uint256(royalty), MADE, 1 + (seed >> 8) % 15, uint16(seed >> 192)];
        bytes memory entries;
        uint256 id = (seed >> 16) % 3 == 0 ? 0 : 1 + (seed >> 24) % 1_000;
        uint256 left = 1e6;
        for (uint256 i = 0; i < count; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 weight = i + 1 == count ? left : 1 + (dice >> 64) % (left + i - count);
            left -= weight;
            if (dice % 41 == 0) weight = (dice >> 32) % 2 == 0 ? 0 : weight + 1;
            _write(id, weight, terms, dice);
            entries = bytes.concat(entries, abi.encodePacked(uint32(id), uint32(weight)));
            id = dice % 37 == 0 ? id : id + 1 + (dice >> 128) % 1_000;
        }
        _compare(entries, terms, head);
    }

    /// @dev Entries of random bytes.
    function testFuzz_CreditOfAnything(bytes memory entries, uint48 royalty, uint8 use) public {
        uint256 length = entries.length / 8 * 8;
        vm.assume(length != 0);
        assembly {
            mstore(entries, length)
        }
        _compare(entries, [uint256(royalty), MADE, use % 16, 7], [uint256(1), 2, 3, 4]);
    }

    // A word that usually permits the entry: one in sixteen has a flaw, one in sixteen is nearly full.
    function _write(uint256 id, uint256 weight, uint256[4] memory terms, uint256 dice) private {
        uint256 from = MADE - (dice >> 40) % 3;
        uint256 until = MADE + 1 + (dice >> 44) % 3;
        uint256 share = (weight + 99) / 100;
        uint256 uses = terms[2] | (dice >> 48) % 16;
        uint256 flaw = (dice >> 100) % 80;
        if (flaw == 0) from = MADE + 1;
        if (flaw == 1) until = MADE;
        if (flaw == 2 && share != 0) share -= 1;
        if (flaw == 3) uses = terms[2] - 1;
        uint256 bucket = _bucket(terms[3], uint256(keccak256(abi.encode(dice))));
        harness.write(id, bucket | from << 168 | until << 200 | uses << 232 | share << 240);
    }

    // Of this epoch, the one before, the one before that, or any, and sometimes close to the largest value of a field.
    function _bucket(uint256 epoch, uint256 dice) private pure returns (uint256) {
        uint256 matured = (dice >> 16) % 1e12;
        uint256 prev = (dice >> 80) % 1e9;
        uint256 cur = (dice >> 112) % 1e9;
        if (dice % 32 == 0) matured = type(uint56).max - (dice >> 144) % 4;
        if (dice % 32 == 1) cur = type(uint48).max - (dice >> 144) % 4;
        if (dice % 32 == 2) (matured, prev) = (type(uint56).max - 1e8, 1e8 - 1 + (dice >> 144) % 4);
        uint256 age = (dice >> 160) % 4 == 3 ? uint16(dice >> 176) : (dice >> 160) % 4;
        return matured | prev << 56 | cur << 104 | (epoch + 65_536 - age) % 65_536 << 152;
    }

    function _compare(bytes memory entries, uint256[4] memory terms, uint256[4] memory head) private {
        vm.recordLogs();
        (uint256 pool, bool sound) = harness.fastCredit(entries, terms, head);
        (uint256 plainPool, bool plainSound) = harness.plainCredit(entries, terms, head);
        Vm.Log[] memory logs = vm.getRecordedLogs();

        vm.assertEq(sound, plainSound, "sound");
        if (!sound) return;
        vm.assertEq(pool, plainPool, "pool");
        vm.assertEq(logs[0].data, logs[1].data, "log");
        vm.assertEq(abi.encode(logs[0].topics), abi.encode(logs[1].topics), "topics");
        for (uint256 i = 0; i < entries.length; i += 8) {
            uint256 id = uint256(uint8(entries[i + 2])) << 8 | uint8(entries[i + 3]);
            (uint256 fast, uint256 plain) = harness.read(id);
            vm.assertEq(fast, plain, "word");
        }
    }
}
