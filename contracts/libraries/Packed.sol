// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingWord} from "./RecordingWords.sol";

/// @title Packed
/// @notice The only assembly of the project. Every function here has a twin in plain Solidity (tests/contracts/support/PackedPlain.sol)
/// and a fuzz test that compares the two.
library Packed {
    /// @dev Length of the settlement's log without what its two arrays hold: four words, two offsets, two lengths.
    uint256 internal constant LOG_HEAD = 256;

    /// @dev The 32 bytes of `data` from `offset` on; what lies beyond its end is not defined.
    function load(bytes memory data, uint256 offset) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), offset))
        }
    }

    /// @dev Signature `index` of a list of 65-byte signatures. The caller answers for `65 * index + 65 <= list.length`.
    function signature(bytes calldata list, uint256 index) internal pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            let start := add(list.offset, mul(65, index))
            r := calldataload(start)
            s := calldataload(add(start, 32))
            v := byte(0, calldataload(add(start, 64)))
        }
    }

    /// @dev `keccak256(abi.encode(threshold, signers))`. Takes the signers as they are: an address with dirty upper bits gives
    /// another hash here, where the plain way reverts.
    function setId(uint256 threshold, address[] calldata signers) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, threshold)
            mstore(add(free, 0x20), 0x40)
            mstore(add(free, 0x40), signers.length)
            calldatacopy(add(free, 0x60), signers.offset, shl(5, signers.length))
            id := keccak256(free, add(0x60, shl(5, signers.length)))
        }
    }

    /// @dev Calls `target` without letting it change anything, with at most `most` gas, and reads 32 bytes of its answer
    /// however long that is. False when the call failed or the answer is shorter.
    function staticWord(address target, uint256 most, bytes memory data) internal view returns (bool ok, bytes32 word) {
        assembly ("memory-safe") {
            ok := staticcall(most, target, add(data, 32), mload(data), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            word := mul(ok, mload(0))
        }
    }

    /// @dev Credits `royalty` along 8-byte `entries` to the recordings' words and writes the two arrays of the settlement's log
    /// (recordings, amounts) into `log`, LOG_HEAD + 8 * entries.length long. Returns what the pool got, and whether
    /// everything held: the walk branches on nothing, and only remembers whether anything failed.
    ///
    /// The caller answers for `royalty < 2^64`, `made < 2^32 - 1`, `use < 2^8`, and a length that is a multiple of 8 and not
    /// zero. For the words' layout see RecordingWords.
    function credit(
        bytes memory log,
        RecordingWord[2 ** 32] storage words,
        bytes calldata entries,
        uint256 royalty,
        uint256 made,
        uint256 use
    ) internal returns (uint256 pool, bool sound) {
        assembly ("memory-safe") {
            let at := entries.offset
            let end := add(at, entries.length)
            let ids := add(log, 0xe0)
            // Four bytes of array for a byte of entries, and the length in front of them.
            let gap := add(shl(2, entries.length), 0x20)
            mstore(add(log, 0xa0), 0xc0)
            mstore(add(log, 0xc0), add(gap, 0xc0))
            mstore(ids, shr(3, entries.length))
            mstore(add(ids, gap), shr(3, entries.length))
            ids := add(ids, 0x20)

            let total := 0
            let failed := 0
            if iszero(shr(224, calldataload(at))) {
                total := shr(192, calldataload(at))
                failed := iszero(total)
                pool := div(mul(royalty, total), 1000000)
                mstore(add(ids, gap), pool)
                ids := add(ids, 0x20)
                at := add(at, 8)
            }

            // One second past `made` at the top of a word, where shifting brings the window's ends to be compared.
            let second := shl(224, add(made, 1))
            let paid := pool
            let least := 1
            for {} lt(at, end) { at := add(at, 8) } {
                let id := shr(224, calldataload(at))
                let weight := and(shr(192, calldataload(at)), 0xffffffff)
                failed := or(failed, or(lt(id, least), iszero(weight)))
                least := add(id, 1)

                total := add(total, weight)
                let amount := sub(div(mul(royalty, total), 1000000), paid)
                paid := add(paid, amount)
                mstore(ids, id)
                mstore(add(ids, gap), amount)
                ids := add(ids, 0x20)

                let slot := add(words.slot, id)
                let word := sload(slot)
                sstore(slot, add(word, amount))
                // From after `made`, until at or before it, a use that is missing, a weight above the largest share, a
                // sum that reaches into the next field.
                failed := or(failed, iszero(lt(shl(56, word), second)))
                failed := or(failed, lt(shl(24, word), second))
                failed := or(failed, and(use, not(shr(232, word))))
                failed := or(failed, gt(weight, mul(shr(240, word), 100)))
                failed := or(failed, shr(56, xor(word, add(word, amount))))
            }
            sound := iszero(or(failed, xor(total, 1000000)))
        }
    }

    /// @dev Room for the log of a settlement with `length` bytes of entries.
    function newLog(uint256 length) internal pure returns (bytes memory log) {
        return new bytes(LOG_HEAD + 8 * length);
    }

    /// @dev Fills in the first four words of a settlement's log.
    function head(bytes memory log, bytes32 manifest, uint256 price, uint256 nodeFee, uint256 protocolFee)
        internal
        pure
    {
        assembly ("memory-safe") {
            mstore(add(log, 0x20), manifest)
            mstore(add(log, 0x40), price)
            mstore(add(log, 0x60), nodeFee)
            mstore(add(log, 0x80), protocolFee)
        }
    }

    /// @dev Logs `data` under the hash of an event and its three indexed arguments.
    function emitLog(bytes memory data, bytes32 kind, bytes32 first, address second, address third) internal {
        assembly ("memory-safe") {
            log4(add(data, 0x20), mload(data), kind, first, second, third)
        }
    }
}
