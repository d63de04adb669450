// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {RecordingWord, RecordingWords} from "./RecordingWords.sol";

/// @title Refusals
/// @notice The second walk along entries: after the first has said that something does not hold, it says what.
library Refusals {
    uint256 private constant ENTRY = 8;
    uint256 private constant MILLION = 1_000_000;

    // From 1/10,000 to 1/1,000,000.
    uint256 private constant WEIGHT_PER_SHARE = 100;

    /// @dev Always reverts, with the reason. The words are those after crediting, which the revert undoes.
    function explain(
        RecordingWord[2 ** 32] storage words,
        bytes calldata entries,
        uint256 royalty,
        uint256 made,
        uint256 use
    ) internal view {
        _checkShape(entries);

        uint256 upTo;
        uint256 paid;
        for (uint256 at = 0; at < entries.length; at += ENTRY) {
            (uint256 id, uint256 weight) = _entry(entries, at);
            upTo += weight;
            uint256 amount = royalty * upTo / MILLION - paid;
            paid += amount;
            if (id == 0) continue;

            RecordingWord word = RecordingWord.wrap(RecordingWord.unwrap(words[id]) - amount);
            _checkConsent(word, id, made, use);
            _checkRoom(word, id, weight, amount);
        }

        // The two walks agree, so this is not reached; if they ever did not, refusing is the safe side.
        revert IRoyaltyLedger.Settlement_Refused();
    }

    function _checkShape(bytes calldata entries) private pure {
        uint256 total;
        uint256 previous;
        for (uint256 at = 0; at < entries.length; at += ENTRY) {
            (uint256 id, uint256 weight) = _entry(entries, at);
            require(at == 0 || id > previous, IRoyaltyLedger.Settlement_EntriesNotAscending(previous, id));
            require(weight != 0, IRoyaltyLedger.Settlement_NoWeight(id));
            previous = id;
            total += weight;
        }
        require(total == MILLION, IRoyaltyLedger.Settlement_WeightsDoNotSum(total));
    }

    function _checkConsent(RecordingWord word, uint256 id, uint256 made, uint256 use) private pure {
        (uint256 from, uint256 until, uint256 uses) = (word.consentFrom(), word.consentUntil(), word.uses());
        require(from <= made && made < until, IRoyaltyLedger.Settlement_NoConsent(id, made, from, until));
        require(use & uses == use, IRoyaltyLedger.Settlement_UseNotPermitted(id, use, uses));
    }

    function _checkRoom(RecordingWord word, uint256 id, uint256 weight, uint256 amount) private pure {
        uint256 most = word.maxShare() * WEIGHT_PER_SHARE;
        uint256 matured = word.matured();
        require(weight <= most, IRoyaltyLedger.Settlement_ShareAboveMax(id, weight, most));
        require(amount <= RecordingWords.MOST - matured, IRoyaltyLedger.Settlement_RecordingFull(id, matured, amount));
    }

    function _entry(bytes calldata entries, uint256 at) private pure returns (uint256 id, uint256 weight) {
        id = uint32(bytes4(entries[at:at + 4]));
        weight = uint32(bytes4(entries[at + 4:at + ENTRY]));
    }
}
