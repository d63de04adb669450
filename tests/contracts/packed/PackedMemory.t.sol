// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AT_END, AT_FROM} from "../../../contracts/libraries/BatchSheet.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
import {PackedLines} from "../../../contracts/libraries/PackedLines.sol";
import {PackedProofs} from "../../../contracts/libraries/PackedProofs.sol";
import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice Assembly restores the memory that it borrows: the free pointer and the zero slot. See PackedMemory.tree.
contract PackedMemoryTest {
    bytes32 private constant KIND = keccak256("event");

    RecordingWord[2 ** 32] private words;

    function test_CreditLeavesMemoryAsItWas() public {
        this.creditAndLook(abi.encodePacked(uint32(1), uint32(1e6)));
    }

    function creditAndLook(bytes calldata entries) external {
        bytes32[1] memory first = [~bytes32(0)];
        bytes memory log = Packed.newLog(entries.length);
        uint256 free = _free();
        Packed.credit(log, words, entries, 10, 1, 5, 7);
        _unchanged(free);
        vm.assertEq(first[0], ~bytes32(0), "first");
    }

    function test_ARunTakesJustItsRoom() public pure {
        for (uint256 most = 0; most < 4; most++) {
            uint256 free = _dirty();
            bytes memory run = Packed.newRun(most);
            vm.assertEq(_place(run), free, "place");
            vm.assertEq(_free(), free + 0xa0 + 64 * most, "free");
            vm.assertEq(run.length, 0x80 + 64 * most, "length");
            (uint32[] memory ids, uint256[] memory amounts) = abi.decode(run, (uint32[], uint256[]));
            vm.assertEq(ids.length + amounts.length, 0, "items");
        }
    }

    function test_ALoggedRunIsEmpty() public {
        bytes memory run = Packed.newRun(2);
        Packed.push(run, 7, 9);
        Packed.emitRun(run, KIND, address(this));
        vm.recordLogs();
        Packed.emitRun(run, KIND, address(this));
        vm.assertEq(vm.getRecordedLogs()[0].data, abi.encode(new uint32[](0), new uint256[](0)), "log");
        vm.assertEq(Packed.load(run, 0x40), bytes32(0), "recordings");
        vm.assertEq(Packed.load(run, 0x60 + 64), bytes32(0), "amounts");
    }

    function test_ALogTakesJustItsRoom() public pure {
        uint256 free = _dirty();
        bytes memory log = Packed.newLog(24);
        vm.assertEq(_place(log), free, "place");
        vm.assertEq(log.length, Packed.LOG_HEAD + 8 * 24, "length");
        vm.assertEq(_free(), free + 0x20 + log.length, "free");
    }

    function test_RecoverLeavesMemoryAsItWas() public view {
        uint256 free = _free();
        PackedProofs.recover(keccak256("hash"), 1, type(uint256).max >> 2);
        _unchanged(free);
    }

    function test_CountingSignersLeavesMemoryAsItWas() public view {
        this.countAndLook(new address[](1), abi.encode(uint256(1), type(uint256).max >> 2));
    }

    function countAndLook(address[] calldata signers, bytes calldata list) external view {
        uint256 free = _free();
        PackedProofs.countSigners(keccak256("hash"), signers, list);
        _unchanged(free);
    }

    function test_LinesTakeJustTheirRoom() public view {
        this.openAndLook(hex"0000000100000002");
    }

    function openAndLook(bytes calldata ids) external view {
        uint256 free = _free();
        (uint256[] memory lines,) = PackedLines.open(words, ids, 1, 1, 5);
        uint256 place;
        assembly ("memory-safe") {
            place := lines
        }
        vm.assertEq(place, free + 0x60, "place");
        vm.assertEq(_free(), free + 0x60 + 2 * 0x60, "free");
        vm.assertEq(PackedLines.lastOf(lines), place + 2 * 0x20, "last");
    }

    function test_EntriesLieBehindTheSheet() public pure {
        PackedBatch.placeEntries();
        vm.assertEq(_free(), AT_END, "free");
    }

    function test_TheSheetIsNeverOverUsedMemory() public view {
        this.placeFrom(AT_FROM);
        (bool ok, bytes memory said) = address(this).staticcall(abi.encodeCall(this.placeFrom, (AT_FROM + 1)));
        vm.assertTrue(!ok, "laid");
        vm.assertEq(said.length, 0, "said");
    }

    function placeFrom(uint256 free) external pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
        PackedBatch.placeSheet();
        vm.assertEq(_free(), AT_FROM, "free");
    }

    function _unchanged(uint256 free) private pure {
        vm.assertEq(_free(), free, "free");
        uint256 zero;
        assembly ("memory-safe") {
            zero := mload(0x60)
        }
        vm.assertEq(zero, 0, "zero");
    }

    function _free() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    /// @dev The start of free memory, after the memory there was written to.
    function _dirty() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
            for { let i := 0 } lt(i, 0x300) { i := add(i, 0x20) } { mstore(add(free, i), not(0)) }
        }
    }

    function _place(bytes memory data) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := data
        }
    }
}
