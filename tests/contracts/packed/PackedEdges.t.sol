// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    AT_DIGEST,
    AT_ENTRIES,
    AT_ID_MASK,
    AT_LAST_LINE,
    AT_LINES,
    AT_PAYER,
    AT_PREFIX,
    AT_RATE
} from "../../../contracts/libraries/BatchSheet.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
import {PackedLines} from "../../../contracts/libraries/PackedLines.sol";
import {PackedProofs} from "../../../contracts/libraries/PackedProofs.sol";
import {RecordingWord, RecordingWords} from "../../../contracts/libraries/RecordingWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice Values that random tests do not reach: a word that is empty except for its window, old content of memory,
/// the last valid `s`, one signer too many. See PackedEdges.tree.
contract PackedEdgesTest {
    uint256 private constant MADE = 1_750_000_000;
    uint256 private constant HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    RecordingWord[2 ** 32] private words;

    /// @dev The batch is checked first: crediting writes to the word, and only an unwritten one is at the limit.
    function test_ConsentBeginsAtItsFirstSecond() public {
        words[1] = RecordingWords.pack(MADE + 1, type(uint32).max, 15, 10_000);
        vm.assertEq(_most(), 0, "a second before");
        vm.assertTrue(!_sound(), "a second before");
        words[1] = RecordingWords.pack(MADE, type(uint32).max, 15, 10_000);
        vm.assertEq(_most(), 1e6, "then");
        vm.assertTrue(_sound(), "then");
    }

    function test_ConsentLastsThroughItsLastSecond() public {
        words[1] = RecordingWords.pack(0, MADE, 15, 10_000);
        vm.assertEq(_most(), 0, "ended");
        vm.assertTrue(!_sound(), "ended");
        words[1] = RecordingWords.pack(0, MADE + 1, 15, 10_000);
        vm.assertEq(_most(), 1e6, "lasts");
        vm.assertTrue(_sound(), "lasts");
    }

    function test_TheLargestShareIsNotReadFromTheMoney() public {
        uint256 money = type(uint16).max;
        uint256 word = RecordingWord.unwrap(RecordingWords.pack(0, type(uint32).max, 15, 1));
        words[1] = RecordingWord.wrap(word | money);
        vm.assertTrue(!_sound(), "share");
    }

    function _sound() private returns (bool sound) {
        (, sound) = this.credit(abi.encodePacked(uint32(1), uint32(1e6)));
    }

    function credit(bytes calldata entries) external returns (uint256, bool) {
        return Packed.credit(Packed.newLog(entries.length), words, entries, 10, MADE, 5, 0);
    }

    function _most() private view returns (uint256) {
        return uint32(this.open(hex"00000001")[0] >> 192);
    }

    function open(bytes calldata ids) external view returns (uint256[] memory lines) {
        (lines,) = PackedLines.open(words, ids, MADE, MADE, 5);
    }

    /// @dev The second of two signers that are adjacent in calldata, of which the list says that it has one.
    function test_ASignerAfterTheEndOfTheListDoesNotCount() public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(2, "hash");
        bytes memory list = abi.encode(r, uint256(s) | uint256(v - 27) << 255);
        address[] memory signers = new address[](3);
        (signers[0], signers[1]) = (address(1), vm.addr(2));
        bytes memory data = abi.encodeCall(this.count, ("hash", signers, list));
        assembly ("memory-safe") {
            mstore(add(data, 0x84), 1)
        }
        (, bytes memory answer) = address(this).staticcall(data);
        vm.assertEq(abi.decode(answer, (uint256)), 0, "counted");
        vm.assertEq(this.count("hash", signers, list), 1, "of the list");
    }

    function count(bytes32 hash, address[] calldata signers, bytes calldata list) external view returns (uint256) {
        return PackedProofs.countSigners(hash, signers, list);
    }

    function test_NoSignerIsFoundInOldMemory() public view {
        address[] memory signers = new address[](1);
        for (uint160 i = 1; i < 3; i++) {
            signers[0] = address(i);
            vm.assertEq(this.countDirty(signers, new bytes(64)), 0, "signer");
            vm.assertTrue(!this.signedDirty(address(i), new bytes(64)), "payer");
        }
    }

    function countDirty(address[] calldata signers, bytes calldata list) external view returns (uint256) {
        address found = signers[0];
        assembly ("memory-safe") {
            mstore(mload(0x40), found)
        }
        return PackedProofs.countSigners("hash", signers, list);
    }

    function signedDirty(address payer, bytes calldata list) external view returns (bool) {
        assembly ("memory-safe") {
            mstore(AT_PAYER, payer)
            mstore(0, payer)
        }
        return PackedBatch.isSigned(list, 0);
    }

    function test_TheLastGoodSIsGoodAndTheNextIsNot() public view {
        uint256 r = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798;
        for (uint256 s = HALF; s < HALF + 2; s++) {
            address signer = ecrecover(this.digestOf(), 27, bytes32(r), bytes32(s));
            vm.assertTrue(signer != address(0), "signer");
            vm.assertEq(this.signedBy(signer, abi.encode(r, s)), s == HALF, "payer");
            vm.assertEq(PackedProofs.recover(this.digestOf(), r, s) == signer, s == HALF, "oracle");
        }
    }

    /// @dev The bytes that `isSigned` hashes here: memory that nothing has written to.
    function digestOf() external pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(AT_PREFIX, 30), 66)
        }
    }

    function signedBy(address payer, bytes calldata list) external view returns (bool) {
        assembly ("memory-safe") {
            mstore(AT_PAYER, payer)
        }
        return PackedBatch.isSigned(list, 0);
    }

    function test_NoEntriesAreFoundToBeNone() public view {
        (uint256 pool, uint256 found) = this.fold("", 0, 1);
        vm.assertEq(pool, 0, "pool");
        vm.assertEq(found, 1, "found");
    }

    function test_TheLargestWeightTakesTheFastPath() public view {
        (, uint256 found) = this.fold(_pair(), 0, 1);
        vm.assertEq(found, 0, "found");
    }

    function test_EntriesMayBeAnywhereInCalldata() public view {
        for (uint256 skipped = 1; skipped < 4; skipped++) {
            (, uint256 found) = this.fold(bytes.concat(new bytes(skipped), _pair()), skipped, 1);
            vm.assertEq(found, 0, "found");
        }
    }

    function test_ALineAfterTheLastIsFound() public view {
        (, uint256 found) = this.fold(_pair(), 0, 0);
        vm.assertTrue(found != 0, "found");
    }

    /// @dev Recordings 1 and 2, with half each.
    function _pair() private pure returns (bytes memory) {
        return abi.encodePacked(uint32((5e5 - 1) << 12), uint32((5e5 - 1) << 12));
    }

    /// @dev Two lines that permit half; `last` plus one of them should exist.
    function fold(bytes calldata list, uint256 skipped, uint256 last)
        external
        pure
        returns (uint256 pool, uint256 found)
    {
        list = list[skipped:];
        assembly ("memory-safe") {
            let lines := 0x2000
            mstore(0x40, 0x3000)
            mstore(add(lines, 0x20), or(shl(224, 1), shl(192, 500000)))
            mstore(add(lines, 0x40), or(shl(224, 2), shl(192, 500000)))
            mstore(AT_LINES, lines)
            mstore(AT_LAST_LINE, add(lines, shl(5, add(last, 1))))
            mstore(AT_ID_MASK, shl(224, 0xffffffff))
            mstore(AT_RATE, add(mul(1000, 340282366920938463463374607431769), 1))
            mstore(AT_ENTRIES, shl(192, 7))
        }
        return PackedLines.fold(list, 0, list.length);
    }
}
