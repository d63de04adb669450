// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AT_ENTRIES, AT_ENTRIES_HASH, AT_ID_MASK, AT_LAST_LINE, AT_LINES, AT_RATE} from "./BatchSheet.sol";
import {RecordingWord} from "./RecordingWords.sol";

/// @title PackedLines
/// @notice The recordings of a batch in assembly, see Packed: read once, credited by one generation after another,
/// written once.
///
/// They are *lines* in memory, one word each. From the lowest bit: `amount 192 | most 32 | recording 32`. `amount` is
/// what the batch credits. `most` is the largest weight that the fast path accepts: the recording's largest share if
/// its current consent is valid for the whole batch, otherwise 0. The recordings' words from storage follow after the
/// lines.
library PackedLines {
    /// @dev Bytes of a packed entry: `weight - 1 20 | gap 12`.
    uint256 internal constant ENTRY = 4;

    /// @dev The lines of the recordings in `ids`, four bytes each, and whether the ids ascend strictly. The allocation
    /// includes the space that the event Credited needs around them. Preconditions, not checked here:
    /// `from < 2^32 - 1`, `to < 2^32 - 1` and `uses < 2^8`.
    function open(RecordingWord[2 ** 32] storage words, bytes calldata ids, uint256 from, uint256 to, uint256 uses)
        internal
        view
        returns (uint256[] memory lines, bool ascending)
    {
        assembly ("memory-safe") {
            // The length of the data, two offsets, then the two arrays.
            let size := shl(3, ids.length)
            lines := mload(0x40)
            mstore(lines, add(0x80, shl(1, size)))
            mstore(add(lines, 0x20), 0x40)
            mstore(add(lines, 0x40), add(0x60, size))
            lines := add(lines, 0x60)
            mstore(lines, shr(2, ids.length))
            let gap := add(size, 0x20)
            mstore(add(lines, gap), shr(2, ids.length))
            mstore(0x40, add(add(lines, gap), gap))

            let place := add(lines, 0x20)
            let end := add(place, size)
            let at := ids.offset
            // The pool consents to everything.
            if gt(lt(place, end), shr(224, calldataload(at))) {
                mstore(place, shl(192, 0xffffffff))
                place := add(place, 0x20)
                at := add(at, 4)
            }

            // Both ends plus one second in the top bits of a word, see Packed.credit.
            from := shl(224, add(from, 1))
            to := shl(224, add(to, 1))
            ascending := 1
            let last := 0
            for {} lt(place, end) { place := add(place, 0x20) } {
                let id := shr(224, calldataload(at))
                at := add(at, 4)
                ascending := and(ascending, gt(id, last))
                last := id
                let word := sload(add(words.slot, id))
                mstore(add(place, gap), word)
                let lacks := or(iszero(lt(shl(56, word), from)), lt(shl(24, word), to))
                lacks := or(lacks, and(uses, not(shr(232, word))))
                let most := mul(iszero(lacks), mul(shr(240, word), 100))
                mstore(place, or(shl(224, id), shl(192, most)))
            }
        }
    }

    /// @dev The words after the lines; after `credit` they are the amounts.
    function wordsOf(uint256[] memory lines) internal pure returns (uint256[] memory words) {
        assembly ("memory-safe") {
            words := add(lines, add(0x20, shl(5, mload(lines))))
        }
    }

    /// @dev The place of the last line.
    function lastOf(uint256[] memory lines) internal pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := add(lines, shl(5, mload(lines)))
        }
    }

    /// @dev Adds each entry's part of the royalty to its line, for the entries that are packed from `start` to `end`.
    /// Writes the entries after the sheet in the form that the attestation has, and hashes them. Returns the pool's
    /// part, and zero only if every entry has a line and at most its `most`, and the weights sum to a million.
    ///
    /// Warning: if an entry names a line that does not exist, memory after the lines is overwritten, and the caller has
    /// to revert.
    function fold(bytes calldata list, uint256 start, uint256 end) internal pure returns (uint256 pool, uint256 found) {
        // An early return also keeps this a function with its own stack.
        if (start == end) return (0, 1);

        assembly ("memory-safe") {
            let rate := mload(AT_RATE)
            let mask := mload(AT_ID_MASK)
            let place := mload(AT_LINES)
            let at := add(list.offset, start)
            end := add(list.offset, end)
            let out := AT_ENTRIES
            // The sum of the weights so far, times the rate.
            let sum := 0
            let paid := 0
            // If the number of entries is odd, one comes first; then two at a time, because the loop itself costs as
            // much as a third of an entry.
            if and(shr(2, sub(end, at)), 1) {
                let weight := calldataload(at)
                at := add(at, 4)
                place := add(add(place, 0x20), and(shr(219, weight), 0x1ffe0))
                weight := add(shr(236, weight), 1)
                sum := mul(rate, weight)
                let line := mload(place)
                weight := or(and(line, mask), shl(192, weight))
                found := gt(weight, line)
                paid := shr(128, sum)
                mstore(place, add(line, paid))
                mstore(out, weight)
                out := add(out, 8)
            }
            for {} lt(at, end) { at := add(at, 8) } {
                let both := calldataload(at)
                place := add(add(place, 0x20), and(shr(219, both), 0x1ffe0))
                let weight := add(shr(236, both), 1)
                sum := add(sum, mul(rate, weight))
                let line := mload(place)
                let entry := or(and(line, mask), shl(192, weight))
                found := or(found, gt(entry, line))
                let upTo := shr(128, sum)
                mstore(place, add(line, sub(upTo, paid)))

                place := add(add(place, 0x20), and(shr(187, both), 0x1ffe0))
                weight := add(and(shr(204, both), 0xfffff), 1)
                sum := add(sum, mul(rate, weight))
                line := mload(place)
                weight := or(and(line, mask), shl(192, weight))
                found := or(found, gt(weight, line))
                paid := shr(128, sum)
                mstore(place, add(line, sub(paid, upTo)))

                mstore(out, or(entry, shr(64, weight)))
                out := add(out, 16)
            }
            mstore(AT_ENTRIES_HASH, keccak256(AT_ENTRIES, sub(out, AT_ENTRIES)))
            found := or(found, or(xor(sum, mul(rate, 1000000)), gt(place, mload(AT_LAST_LINE))))

            // The first entry, if it is the pool's.
            let entry := mload(AT_ENTRIES)
            if iszero(shr(224, entry)) { pool := shr(128, mul(rate, shr(192, entry))) }
        }
    }

    /// @dev A copy of the entries after the sheet.
    function entriesOf(uint256 count) internal pure returns (bytes memory entries) {
        entries = new bytes(8 * count);
        assembly ("memory-safe") {
            mcopy(add(entries, 0x20), AT_ENTRIES, mload(entries))
        }
    }

    /// @dev Credits every line's amount in `epoch` to its recording, except the pool's; a line without an amount is not
    /// written. Recordings and amounts then replace lines and words, and are returned as the data of the event
    /// Credited. Also returns whether any field overflowed: an overflow changes the word's epoch, which is then not
    /// `epoch`. Preconditions, not checked here: `epoch < 2^16` and amounts below 2^63.
    function credit(RecordingWord[2 ** 32] storage words, uint256[] memory lines, uint256 epoch)
        internal
        returns (bytes memory log, bool full)
    {
        assembly ("memory-safe") {
            let gap := add(shl(5, mload(lines)), 0x20)
            log := sub(lines, 0x60)
            let end := add(lines, gap)
            let place := add(lines, 0x20)
            if gt(lt(place, end), shr(224, mload(place))) {
                mstore(add(place, gap), shr(64, shl(64, mload(place))))
                mstore(place, 0)
                place := add(place, 0x20)
            }
            for {} lt(place, end) { place := add(place, 0x20) } {
                let amount := mload(place)
                let old := mload(add(place, gap))
                let id := shr(224, amount)
                mstore(place, id)
                amount := shr(64, shl(64, amount))
                mstore(add(place, gap), amount)
                if iszero(amount) { continue }

                // As in Packed.credit.
                amount := shl(104, amount)
                let age := and(sub(epoch, shr(152, old)), 0xffff)
                if age {
                    let kept := and(shr(104, old), 0xffffffffffff)
                    let matured := add(and(old, 0xffffffffffffff), and(shr(56, old), 0xffffffffffff))
                    if gt(age, 1) {
                        matured := add(matured, kept)
                        kept := 0
                    }
                    amount := add(amount, shl(152, shr(56, matured)))
                    old := or(or(shl(152, epoch), shl(168, shr(168, old))), or(matured, shl(56, kept)))
                }
                amount := add(old, amount)
                full := or(full, shr(152, xor(old, amount)))
                sstore(add(words.slot, id), amount)
            }
            full := iszero(iszero(full))
        }
    }
}
