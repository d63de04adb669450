// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchSheet} from "../../../contracts/libraries/BatchSheet.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
import {PackedLines} from "../../../contracts/libraries/PackedLines.sol";
import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";
import {PackedLinesPlain} from "./PackedLinesPlain.sol";

/// @notice Opens, folds and credits lines in assembly and in plain Solidity, side by side, each with its own words in
/// storage.
contract PackedLinesHarness {
    RecordingWord[2 ** 32] internal fastWords;
    RecordingWord[2 ** 32] internal plainWords;

    /// @notice The inputs of both: the recordings, the required consent, and generations one after another.
    struct Given {
        bytes ids;
        uint256 from;
        uint256 to;
        uint256 uses;
        bytes list;
        uint256[] counts;
        uint256[] royalties;
        uint256 epoch;
    }

    function write(uint256 id, uint256 word) external {
        (fastWords[id], plainWords[id]) = (RecordingWord.wrap(word), RecordingWord.wrap(word));
    }

    function read(uint256 id) external view returns (uint256 fast, uint256 plain) {
        return (RecordingWord.unwrap(fastWords[id]), RecordingWord.unwrap(plainWords[id]));
    }

    function fastOpen(Given calldata given) external view returns (bytes memory) {
        (uint256[] memory lines, bool ascending) =
            PackedLines.open(fastWords, given.ids, given.from, given.to, given.uses);
        if (lines.length != 0 && lines[0] >> 224 == 0) PackedLines.wordsOf(lines)[0] = 0;
        return abi.encode(ascending, lines, PackedLines.wordsOf(lines));
    }

    function plainOpen(Given calldata given) external view returns (bytes memory) {
        (PackedLinesPlain.Line[] memory lines, bool ascending) =
            PackedLinesPlain.open(plainWords, given.ids, given.from, given.to, given.uses);
        (uint256[] memory packed, uint256[] memory words) = (new uint256[](lines.length), new uint256[](lines.length));
        for (uint256 i = 0; i < lines.length; i++) {
            packed[i] = lines[i].id << 224 | lines[i].most << 192;
            words[i] = lines[i].word;
        }
        return abi.encode(ascending, packed, words);
    }

    /// @dev Folds one generation after another, returns the result of each, and credits. Stops at an invalid one.
    function fastAll(Given calldata given) external returns (bytes memory told, bytes memory log, bool full) {
        PackedBatch.placeSheet();
        BatchSheet memory sheet;
        PackedBatch.placeEntries();
        sheet.idMask = uint256(type(uint32).max) << 224;
        (sheet.lines,) = PackedLines.open(fastWords, given.ids, given.from, given.to, given.uses);
        sheet.lastLine = PackedLines.lastOf(sheet.lines);
        uint256 at;
        for (uint256 i = 0; i < given.counts.length; i++) {
            uint256 end = at + 4 * given.counts[i];
            sheet.rate = given.royalties[i] * 340282366920938463463374607431769 + 1;
            (uint256 pool, uint256 found) = PackedLines.fold(given.list, at, end);
            if (!_isSound(given, sheet.lines.length, at, end)) return (abi.encode(found != 0), "", false);
            bytes memory entries = PackedLines.entriesOf(given.counts[i]);
            told = abi.encode(told, pool, found == 0, entries, sheet.entries == keccak256(entries));
            at = end;
        }
        (log, full) = PackedLines.credit(fastWords, sheet.lines, given.epoch);
    }

    function plainAll(Given calldata given) external returns (bytes memory told, bytes memory log, bool full) {
        (PackedLinesPlain.Line[] memory lines,) =
            PackedLinesPlain.open(plainWords, given.ids, given.from, given.to, given.uses);
        uint256 at;
        for (uint256 i = 0; i < given.counts.length; i++) {
            PackedLinesPlain.Found memory found =
                PackedLinesPlain.fold(lines, given.list, at, given.counts[i], given.royalties[i]);
            if (!found.sound || given.counts[i] == 0) return (abi.encode(true), "", false);
            told = abi.encode(told, found.pool, found.plain, found.entries, true);
            at += 4 * given.counts[i];
        }
        (uint32[] memory ids, uint256[] memory amounts, bool over) =
            PackedLinesPlain.credit(plainWords, lines, given.epoch);
        return (told, abi.encode(ids, amounts), over);
    }

    // If an entry names a line that does not exist, the memory after the lines is not reliable.
    function _isSound(Given calldata given, uint256 lines, uint256 at, uint256 end) private pure returns (bool) {
        PackedLinesPlain.Line[] memory none = new PackedLinesPlain.Line[](lines);
        PackedLinesPlain.Found memory found = PackedLinesPlain.fold(none, given.list, at, (end - at) / 4, 0);
        return found.sound && at != end;
    }
}
