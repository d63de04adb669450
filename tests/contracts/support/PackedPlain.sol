// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";

/// @notice libraries/Packed.sol in plain Solidity: slower, and easy to verify.
library PackedPlain {
    /// @dev The terms of a credit.
    struct Terms {
        uint256 royalty;
        uint256 made;
        uint256 use;
        uint256 epoch;
    }

    struct Credits {
        uint32[] ids;
        uint256[] amounts;
        uint256 pool;
        bool sound;
    }

    /// @dev An unpacked bucket.
    struct Bucket {
        uint256 matured;
        uint256 prev;
        uint256 cur;
        uint256 epoch;
    }

    function load(bytes memory data, uint256 offset) internal pure returns (bytes32 word) {
        for (uint256 i = 0; i < 32; i++) {
            word |= bytes32(data[offset + i]) >> (8 * i);
        }
    }

    function and(bool a, bool b) internal pure returns (bool) {
        return a && b;
    }

    /// @dev The amount due, and the word without it.
    function take(uint256 word, uint256 epoch) internal pure returns (uint256 due, uint256 rest) {
        Bucket memory bucket = _roll(word, epoch);
        rest = bucket.prev << 56 | bucket.cur << 104 | bucket.epoch << 152;
        return (bucket.matured, word >> 168 << 168 | rest);
    }

    function credit(RecordingWord[2 ** 32] storage words, bytes calldata entries, Terms memory terms)
        internal
        returns (Credits memory out)
    {
        uint256 count = entries.length / 8;
        out = Credits(new uint32[](count), new uint256[](count), 0, true);
        uint256 total;
        uint256 before;
        for (uint256 i = 0; i < count; i++) {
            (uint32 id, uint32 weight) = _entry(entries[8 * i:8 * i + 8]);
            total += weight;
            uint256 amount = terms.royalty * total / 1e6 - terms.royalty * before / 1e6;
            before = total;
            bool ascends = i == 0 || id > out.ids[i - 1];
            out.sound = out.sound && ascends && weight != 0;
            (out.ids[i], out.amounts[i]) = (id, amount);
            if (i == 0 && id == 0) out.pool = amount;
            else _one(words, out, id, weight, amount, terms);
        }
        out.sound = out.sound && total == 1e6;
    }

    function _entry(bytes calldata entry) private pure returns (uint32 id, uint32 weight) {
        return (uint32(bytes4(entry[:4])), uint32(bytes4(entry[4:])));
    }

    function _one(
        RecordingWord[2 ** 32] storage words,
        Credits memory out,
        uint256 id,
        uint256 weight,
        uint256 amount,
        Terms memory terms
    ) private {
        RecordingWord word = words[id];
        bool inTime = word.consentFrom() <= terms.made && terms.made < word.consentUntil();
        bool permitted = word.uses() & terms.use == terms.use && weight <= word.maxShare() * 100;
        Bucket memory bucket = _roll(RecordingWord.unwrap(word), terms.epoch);
        bucket.cur += amount;
        bool fits = bucket.matured <= type(uint56).max && bucket.cur <= type(uint48).max;
        out.sound = out.sound && inTime && permitted && fits;
        if (!fits) return;
        uint256 raw = bucket.matured | bucket.prev << 56 | bucket.cur << 104 | bucket.epoch << 152;
        words[id] = RecordingWord.wrap(RecordingWord.unwrap(word) >> 168 << 168 | raw);
    }

    function _roll(uint256 word, uint256 epoch) private pure returns (Bucket memory bucket) {
        bucket = Bucket(uint56(word), uint48(word >> 56), uint48(word >> 104), uint16(word >> 152));
        uint256 age = (epoch + 65_536 - bucket.epoch) % 65_536;
        for (uint256 i = 0; i < age && i < 2; i++) {
            bucket.matured += bucket.prev;
            (bucket.prev, bucket.cur) = (bucket.cur, 0);
        }
        bucket.epoch = epoch;
    }

    function emitLog(Credits memory done, bytes32 order, address payer, address node, uint256[4] memory head) internal {
        emit IRoyaltyLedger.Settled(
            order, payer, node, bytes32(head[0]), head[1], head[2], head[3], done.ids, done.amounts
        );
    }
}
