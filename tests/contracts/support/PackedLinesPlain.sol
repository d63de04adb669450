// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";
import {PackedBatchPlain} from "./PackedBatchPlain.sol";

/// @notice libraries/PackedLines.sol in plain Solidity: slower, and easy to verify.
library PackedLinesPlain {
    /// @notice An unpacked line.
    struct Line {
        uint256 id;
        uint256 most;
        uint256 amount;
        uint256 word;
    }

    /// @notice The result of folding entries in.
    struct Found {
        bytes entries;
        uint256 pool;
        bool sound;
        bool plain;
    }

    function open(RecordingWord[2 ** 32] storage words, bytes calldata ids, uint256 from, uint256 to, uint256 uses)
        internal
        view
        returns (Line[] memory lines, bool ascending)
    {
        lines = new Line[](ids.length / 4);
        ascending = true;
        for (uint256 i = 0; i < lines.length; i++) {
            uint256 id = PackedBatchPlain.number(ids, 4 * i, 4);
            if (i != 0 && id <= lines[i - 1].id) ascending = false;
            lines[i].id = id;
            if (id == 0) {
                if (i == 0) lines[i].most = type(uint32).max;
                else ascending = false;
                continue;
            }
            RecordingWord word = words[id];
            lines[i].word = RecordingWord.unwrap(word);
            bool inTime = word.consentFrom() <= from && word.consentUntil() > to;
            if (inTime && word.uses() & uses == uses) lines[i].most = word.maxShare() * 100;
        }
    }

    function fold(Line[] memory lines, bytes calldata list, uint256 start, uint256 count, uint256 royalty)
        internal
        pure
        returns (Found memory found)
    {
        (found.sound, found.plain) = (true, true);
        uint256 next;
        uint256 total;
        uint256 paid;
        for (uint256 i = 0; i < count; i++) {
            uint256 packed = PackedBatchPlain.number(list, start + 4 * i, 4);
            uint256 weight = (packed >> 12) + 1;
            uint256 index = next + (packed & 0xfff);
            next = index + 1;
            total += weight;
            if (index >= lines.length) {
                found.sound = false;
                return found;
            }
            uint256 amount = royalty * total / 1_000_000 - paid;
            paid += amount;
            lines[index].amount += amount;
            if (weight > lines[index].most) found.plain = false;
            if (lines[index].id == 0 && i == 0) found.pool = amount;
            found.entries = abi.encodePacked(found.entries, uint32(lines[index].id), uint32(weight));
        }
        found.sound = total == 1_000_000;
    }

    function credit(RecordingWord[2 ** 32] storage words, Line[] memory lines, uint256 epoch)
        internal
        returns (uint32[] memory ids, uint256[] memory amounts, bool full)
    {
        (ids, amounts) = (new uint32[](lines.length), new uint256[](lines.length));
        for (uint256 i = 0; i < lines.length; i++) {
            (ids[i], amounts[i]) = (uint32(lines[i].id), lines[i].amount);
            if (lines[i].id == 0 || lines[i].amount == 0) continue;

            (RecordingWord word, bool fits) = RecordingWord.wrap(lines[i].word).credit(lines[i].amount, epoch);
            if (!fits) full = true;
            words[lines[i].id] = word;
        }
    }
}
