// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingWord} from "./RecordingWords.sol";

/// @title Packed
/// @notice Words, entries and logs in assembly. Packed, PackedProofs, PackedLines and PackedBatch contain the only
/// assembly of the project. Every function here has a twin in plain Solidity (tests/contracts/support/PackedPlain.sol),
/// and a fuzz test compares the two.
library Packed {
    /// @dev Length of the settlement's log without the content of its two arrays: four words, two offsets, two lengths.
    uint256 internal constant LOG_HEAD = 256;

    /// @dev The 32 bytes of `data` at `offset`; bytes after its end are undefined.
    function load(bytes memory data, uint256 offset) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), offset))
        }
    }

    /// @dev `a && b` without a jump. `b` is always computed, which costs less than the jump if it is cheap.
    function and(bool a, bool b) internal pure returns (bool holds) {
        assembly ("memory-safe") {
            holds := and(a, b)
        }
    }

    /// @dev Credits `royalty` in `epoch` to the recordings' words by 8-byte `entries`, and writes the two arrays of the
    /// settlement's log (recordings, amounts) into `log`, which is LOG_HEAD + 8 * entries.length long. Returns the
    /// pool's part, and whether everything is valid. The loop branches only on the epoch and remembers whether any
    /// check failed. An overflowing field changes the word's epoch, which is then not `epoch`.
    ///
    /// Preconditions, not checked here: `royalty < 2^48`, `made < 2^32 - 1`, `use < 2^8`, `epoch < 2^16`, and the
    /// length is a multiple of 8, not zero and below 2^32. RecordingWords and Buckets describe the layout of the words.
    function credit(
        bytes memory log,
        RecordingWord[2 ** 32] storage words,
        bytes calldata entries,
        uint256 royalty,
        uint256 made,
        uint256 use,
        uint256 epoch
    ) internal returns (uint256 pool, bool sound) {
        assembly ("memory-safe") {
            let at := entries.offset
            // Four bytes of each array for one byte of entries, and the array's length before them.
            let amounts := add(shl(2, entries.length), 0x20)
            mstore(add(log, 0xa0), 0xc0)
            mstore(add(log, 0xc0), add(amounts, 0xc0))
            mstore(add(log, 0xe0), shr(3, entries.length))
            let ids := add(log, 0x100)
            amounts := add(ids, amounts)
            mstore(sub(amounts, 0x20), shr(3, entries.length))

            let total := 0
            let fine := 1
            if iszero(shr(224, calldataload(at))) {
                total := shr(192, calldataload(at))
                fine := iszero(iszero(total))
                pool := div(mul(royalty, total), 1000000)
                mstore(amounts, pool)
                mstore(ids, 0)
                ids := add(ids, 0x20)
                amounts := add(amounts, 0x20)
                at := add(at, 8)
            }

            let paid := pool
            let last := 0

            // Values that do not change are kept in memory; the compiler would otherwise compute them from calldata for
            // every entry. They overwrite the free pointer, which is saved where `head` writes later, and the zero
            // slot; both are restored below. `made` plus one second is in the top bits of a word, so that a shift
            // aligns the window's ends with it; use and epoch are at the bits that they have in a recording's word.
            mstore(add(log, 0x20), mload(0x40))
            mstore(0, royalty)
            mstore(0x20, add(entries.offset, entries.length))
            mstore(0x40, shl(224, add(made, 1)))
            mstore(0x60, or(shl(232, use), shl(152, epoch)))
            for {} lt(at, mload(0x20)) { at := add(at, 8) } {
                let weight := shr(192, calldataload(at))
                let id := shr(32, weight)
                mstore(ids, id)
                weight := and(weight, 0xffffffff)
                let slot := add(words.slot, id)
                let old := sload(slot)

                // Valid if: from <= made, until > made, the weight is between 1 and the largest share, and the id is
                // above the last one.
                let open := mload(0x40)
                open := gt(lt(shl(56, old), open), lt(shl(24, old), open))
                open := and(open, gt(id, last))
                last := id
                fine := and(fine, and(open, lt(sub(weight, 1), mul(shr(240, old), 100))))

                total := add(total, weight)
                let amount := div(mul(mload(0), total), 1000000)
                weight := sub(amount, paid)
                paid := amount
                mstore(amounts, weight)
                amounts := add(amounts, 0x20)
                amount := shl(104, weight)
                ids := add(ids, 0x20)
                let fresh := add(old, amount)
                let stamp := mload(0x60)
                if and(xor(old, stamp), shl(152, 0xffff)) {
                    // The epoch's amount becomes the previous one, or matures together with it.
                    let kept := and(shr(104, old), 0xffffffffffff)
                    let matured := add(and(old, 0xffffffffffffff), and(shr(56, old), 0xffffffffffff))
                    if gt(and(sub(shr(152, stamp), shr(152, old)), 0xffff), 1) {
                        matured := add(matured, kept)
                        kept := 0
                    }
                    old := or(and(stamp, shl(152, 0xffff)), shl(168, shr(168, old)))
                    fresh := add(add(or(old, amount), or(matured, shl(56, kept))), shl(152, shr(56, matured)))
                }
                // A missing use sets a bit above the epoch, as an overflow does.
                fine := and(fine, lt(or(xor(old, fresh), and(stamp, not(old))), shl(152, 1)))
                sstore(slot, fresh)
            }
            mstore(0x40, mload(add(log, 0x20)))
            mstore(0x60, 0)
            sound := and(fine, eq(total, 1000000))
        }
    }

    /// @dev The amount due of a bucket in epoch `now_`, and the word without it: as Buckets.read and a write, without
    /// branches if nothing has to move on. Precondition, not checked here: `now_ < 2^16`.
    function take(uint256 word, uint256 now_) internal pure returns (uint256 matured, uint256 rest) {
        assembly ("memory-safe") {
            let age := and(sub(now_, shr(152, word)), 0xffff)
            matured := and(word, 0xffffffffffffff)
            rest := xor(word, matured)
            if age {
                let kept := and(shr(104, word), 0xffffffffffff)
                matured := add(matured, and(shr(56, word), 0xffffffffffff))
                if gt(age, 1) {
                    matured := add(matured, kept)
                    kept := 0
                }
                rest := or(shl(168, shr(168, word)), or(shl(152, now_), shl(56, kept)))
            }
        }
    }

    /// @dev Memory for the log of a payout of up to `most` recordings: two offsets and two empty arrays.
    function newRun(uint256 most) internal pure returns (bytes memory run) {
        assembly ("memory-safe") {
            run := mload(0x40)
            let room := shl(5, most)
            mstore(run, add(0x80, shl(1, room)))
            mstore(add(run, 0x20), 0x40)
            mstore(add(run, 0x40), add(0x60, room))
            mstore(add(run, 0x60), 0)
            mstore(add(add(run, 0x80), room), 0)
            mstore(0x40, add(add(run, 0xa0), shl(1, room)))
        }
    }

    /// @dev Adds a recording and its amount to a run. Precondition, not checked here: the run has room.
    function push(bytes memory run, uint256 recording, uint256 amount) internal pure {
        assembly ("memory-safe") {
            let ids := add(run, 0x60)
            let amounts := add(run, add(0x20, mload(add(run, 0x40))))
            let length := add(mload(ids), 1)
            mstore(ids, length)
            mstore(amounts, length)
            mstore(add(ids, shl(5, length)), recording)
            mstore(add(amounts, shl(5, length)), amount)
        }
    }

    /// @dev Logs a run with the hash of an event and its indexed payee, and empties it. If the first array is not full,
    /// the second is copied directly after it for the log.
    function emitRun(bytes memory run, bytes32 kind, address payee) internal {
        assembly ("memory-safe") {
            let offset := mload(add(run, 0x40))
            let amounts := add(run, add(0x20, offset))
            let size := add(0x20, shl(5, mload(amounts)))
            mstore(add(run, 0x40), add(0x40, size))
            mcopy(add(run, add(0x60, size)), amounts, size)
            log2(add(run, 0x20), add(0x40, shl(1, size)), kind, payee)
            mstore(add(run, 0x40), offset)
            mstore(add(run, 0x60), 0)
            mstore(amounts, 0)
        }
    }

    /// @dev Memory for the log of a settlement with `length` bytes of entries, not cleared: `credit` and `head` write
    /// all of it.
    function newLog(uint256 length) internal pure returns (bytes memory log) {
        assembly ("memory-safe") {
            log := mload(0x40)
            let size := add(LOG_HEAD, shl(3, length))
            mstore(log, size)
            mstore(0x40, add(add(log, 0x20), size))
        }
    }

    /// @dev Writes the first four words of a settlement's log.
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

    /// @dev Logs `data` with the hash of an event and its three indexed arguments.
    function emitLog(bytes memory data, bytes32 kind, bytes32 first, address second, address third) internal {
        assembly ("memory-safe") {
            log4(add(data, 0x20), mload(data), kind, first, second, third)
        }
    }
}
