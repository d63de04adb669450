// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Packed} from "../../../contracts/libraries/Packed.sol";
import {RecordingWord, RecordingWords} from "../../../contracts/libraries/RecordingWords.sol";

/// @notice How a settlement judges a recording's consent, for every consent and every time.
contract ConsentProof {
    RecordingWord[2 ** 32] private _words;

    function credit(bytes calldata entries, uint256 made, uint256 use) external returns (bool sound) {
        (, sound) = Packed.credit(Packed.newLog(entries.length), _words, entries, 0, made, use, 0);
    }

    function _isPermitted(RecordingWord word, uint32 weight, uint32 made, uint8 use) private returns (bool) {
        _words[1] = word;
        return this.credit(abi.encodePacked(uint32(1), weight, uint32(2), 1_000_000 - weight), made, use);
    }

    /// @dev The window is half-open: it includes its first second and excludes its end. So two adjacent windows never
    /// both permit a time, and leave none out.
    function check_TheWindowIsHalfOpen(uint32 from, uint32 until, uint32 made) external {
        if (made == type(uint32).max) return;

        _words[2] = RecordingWords.pack(0, type(uint32).max, 15, 10_000);
        bool permitted = _isPermitted(RecordingWords.pack(from, until, 15, 10_000), 1, made, 1);
        assert(permitted == (from <= made && made < until));
    }

    function check_EveryUseIsAskedFor(uint8 uses, uint8 use) external {
        _words[2] = RecordingWords.pack(0, type(uint32).max, 255, 10_000);
        bool permitted = _isPermitted(RecordingWords.pack(0, type(uint32).max, uses, 10_000), 1, 1, use);
        assert(permitted == (use & ~uses == 0));
    }

    function check_NoShareIsExceeded(uint16 share, uint32 weight) external {
        if (weight == 0 || weight >= 1_000_000) return;

        _words[2] = RecordingWords.pack(0, type(uint32).max, 15, 10_000);
        bool permitted = _isPermitted(RecordingWords.pack(0, type(uint32).max, 15, share), weight, 1, 1);
        assert(permitted == (weight <= uint256(share) * 100));
    }

    /// @dev The money in the word does not change consent, as long as there is room for it, and crediting does not
    /// change consent.
    function check_NothingElseInTheWordMatters(uint256 raw, uint32 from, uint32 until, uint32 made) external {
        if (made == type(uint32).max) return;

        RecordingWord word = RecordingWord.wrap(raw).withConsent(RecordingWords.pack(from, until, 15, 10_000));
        (, bool fits) = word.credit(0, 0);
        if (!fits) return;

        _words[2] = RecordingWords.pack(0, type(uint32).max, 15, 10_000);
        bool permitted = _isPermitted(word, 1, made, 1);
        assert(permitted == (from <= made && made < until));
        assert(RecordingWord.unwrap(_words[1]) >> 168 == RecordingWord.unwrap(word) >> 168);
    }
}
