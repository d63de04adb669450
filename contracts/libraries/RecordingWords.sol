// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Buckets} from "./Buckets.sol";
import {Packed} from "./Packed.sol";

/// @notice A recording's consent and balance in one word. It is written at registration, so a settlement reads consent
/// without extra cost and a first credit writes to no empty slot. From the lowest bit:
/// `bucket 168 | consentFrom 32 | consentUntil 32 | uses 8 | maxShare 16`, the bucket as in Buckets.
/// Recording 0 is the training pool: its word is only a bucket.
type RecordingWord is uint256;

using RecordingWords for RecordingWord global;

/// @title RecordingWords
library RecordingWords {
    uint256 private constant EPOCH = 152;
    uint256 private constant FROM = 168;
    uint256 private constant UNTIL = 200;
    uint256 private constant USES = 232;
    uint256 private constant SHARE = 240;

    /// @dev A word with an empty bucket. Preconditions, not checked here: window u32, uses u8, share u16.
    function pack(uint256 from, uint256 until, uint256 allowed, uint256 share) internal pure returns (RecordingWord) {
        return RecordingWord.wrap(from << FROM | until << UNTIL | allowed << USES | share << SHARE);
    }

    /// @dev The word with its bucket in epoch `now_`. Precondition, not checked here: the bucket is empty.
    function inEpoch(RecordingWord word, uint256 now_) internal pure returns (RecordingWord) {
        return RecordingWord.wrap(RecordingWord.unwrap(word) | now_ << EPOCH);
    }

    /// @dev The money of `word` with the consent of `given`.
    function withConsent(RecordingWord word, RecordingWord given) internal pure returns (RecordingWord) {
        uint256 money = (1 << FROM) - 1;
        return RecordingWord.wrap(RecordingWord.unwrap(word) & money | RecordingWord.unwrap(given) & ~money);
    }

    /// @dev The epoch that the bucket was last moved on to.
    function epoch(RecordingWord word) internal pure returns (uint256) {
        return uint16(RecordingWord.unwrap(word) >> EPOCH);
    }

    function consentFrom(RecordingWord word) internal pure returns (uint256) {
        return uint32(RecordingWord.unwrap(word) >> FROM);
    }

    function consentUntil(RecordingWord word) internal pure returns (uint256) {
        return uint32(RecordingWord.unwrap(word) >> UNTIL);
    }

    function uses(RecordingWord word) internal pure returns (uint256) {
        return uint8(RecordingWord.unwrap(word) >> USES);
    }

    /// @dev In 1/10,000.
    function maxShare(RecordingWord word) internal pure returns (uint256) {
        return RecordingWord.unwrap(word) >> SHARE;
    }

    function withConsentUntil(RecordingWord word, uint256 until) internal pure returns (RecordingWord) {
        uint256 mask = uint256(type(uint32).max) << UNTIL;
        return RecordingWord.wrap(RecordingWord.unwrap(word) & ~mask | until << UNTIL);
    }

    /// @dev The amount due in epoch `now_`, and the word without it.
    function take(RecordingWord word, uint256 now_) internal pure returns (uint256 amount, RecordingWord) {
        uint256 raw;
        (amount, raw) = Packed.take(RecordingWord.unwrap(word), now_);
        return (amount, RecordingWord.wrap(raw));
    }

    function credit(RecordingWord word, uint256 amount, uint256 now_) internal pure returns (RecordingWord, bool fits) {
        uint256 raw;
        (raw, fits) = Buckets.credit(RecordingWord.unwrap(word), amount, now_);
        return (RecordingWord.wrap(raw), fits);
    }

    function creditMatured(RecordingWord word, uint256 amount, uint256 now_)
        internal
        pure
        returns (RecordingWord, bool fits)
    {
        uint256 raw;
        (raw, fits) = Buckets.creditMatured(RecordingWord.unwrap(word), amount, now_);
        return (RecordingWord.wrap(raw), fits);
    }

    function debit(RecordingWord word, uint256 amount, uint256 now_)
        internal
        pure
        returns (RecordingWord, bool enough)
    {
        uint256 raw;
        (raw, enough) = Buckets.debit(RecordingWord.unwrap(word), amount, now_);
        return (RecordingWord.wrap(raw), enough);
    }
}
