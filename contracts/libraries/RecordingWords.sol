// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A recording's consent and balance in one word, written at registration, so that a settlement reads consent for
/// nothing and a first credit opens no new slot. From the lowest bit:
/// `matured 56 | prev 48 | cur 48 | epoch 16 | consentFrom 32 | consentUntil 32 | uses 8 | maxShare 16`.
/// `prev`, `cur` and `epoch` are room for amounts still under dispute; they are zero for now.
type RecordingWord is uint256;

using RecordingWords for RecordingWord global;

/// @title RecordingWords
library RecordingWords {
    uint256 internal constant MOST = type(uint56).max;

    uint256 private constant FROM = 168;
    uint256 private constant UNTIL = 200;
    uint256 private constant USES = 232;
    uint256 private constant SHARE = 240;

    /// @dev The caller answers for the ranges: window u32, uses u8, share u16.
    function pack(uint256 from, uint256 until, uint256 allowed, uint256 share) internal pure returns (RecordingWord) {
        return RecordingWord.wrap(from << FROM | until << UNTIL | allowed << USES | share << SHARE);
    }

    function matured(RecordingWord word) internal pure returns (uint256) {
        return RecordingWord.unwrap(word) & MOST;
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

    function withoutMatured(RecordingWord word) internal pure returns (RecordingWord) {
        return RecordingWord.wrap(RecordingWord.unwrap(word) & ~MOST);
    }

    function withConsentUntil(RecordingWord word, uint256 until) internal pure returns (RecordingWord) {
        uint256 mask = uint256(type(uint32).max) << UNTIL;
        return RecordingWord.wrap(RecordingWord.unwrap(word) & ~mask | until << UNTIL);
    }
}
