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

    /// @dev Calls `target` without letting it change anything, with at most `most` gas, and reads 32 bytes of its answer
    /// however long that is. False when the call failed or the answer is shorter.
    function staticWord(address target, uint256 most, bytes memory data) internal view returns (bool ok, bytes32 word) {
        assembly ("memory-safe") {
            ok := staticcall(most, target, add(data, 32), mload(data), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            word := mul(ok, mload(0))
        }
    }

    /// @dev Credits `royalty` along 8-byte `entries` to the recordings' words, which start at slot `base`, and writes the two
    /// arrays of the settlement's log (recordings, amounts) into `log`, LOG_HEAD + 8 * entries.length long. Returns what the
    /// pool got, and whether everything held.
    ///
    /// Each condition is a difference that wraps below zero, and so sets the top bit, when the condition fails; one OR
    /// gathers them all. That needs every number in them far below 2^255. The caller answers for `royalty < 2^64`,
    /// `made < 2^64`, `use < 2^8`, and a length that is a multiple of 8 and not zero.
    function credit(
        bytes memory log,
        RecordingWord[2 ** 32] storage words,
        bytes calldata entries,
        uint256 royalty,
        uint256 made,
        uint256 use
    ) internal returns (uint256 pool, bool sound) {
        assembly ("memory-safe") {
            let total := 0
            let failed := 0
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

            if iszero(shr(224, calldataload(at))) {
                total := shr(192, calldataload(at))
                failed := sub(total, 1)
                pool := div(mul(royalty, total), 1000000)
                mstore(add(ids, gap), pool)
                ids := add(ids, 0x20)
                at := add(at, 8)
            }

            let paid := pool
            let next := 1
            for {} lt(at, end) { at := add(at, 8) } {
                let id := shr(224, calldataload(at))
                let weight := and(shr(192, calldataload(at)), 0xffffffff)
                total := add(total, weight)
                let amount := sub(div(mul(royalty, total), 1000000), paid)
                paid := add(paid, amount)
                mstore(ids, id)
                mstore(add(ids, gap), amount)
                ids := add(ids, 0x20)
                failed := or(failed, sub(id, next))
                failed := or(failed, sub(weight, 1))
                next := add(id, 1)

                id := add(words.slot, id)
                let word := sload(id)
                sstore(id, add(word, amount))
                failed := or(failed, sub(made, and(shr(168, word), 0xffffffff)))
                failed := or(failed, sub(sub(and(shr(200, word), 0xffffffff), 1), made))
                failed := or(failed, sub(0, and(use, not(shr(232, word)))))
                failed := or(failed, sub(mul(shr(240, word), 100), weight))
                failed := or(failed, sub(0xffffffffffffff, add(and(word, 0xffffffffffffff), amount)))
            }
            sound := and(eq(total, 1000000), iszero(shr(255, failed)))
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
