// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {State} from "../ledger/State.sol";
import {Consents} from "./Consents.sol";
import {Entries} from "./Entries.sol";
import {Packed} from "./Packed.sol";
import {RecordingWord} from "./RecordingWords.sol";

/// @title SettlementErrors
/// @notice Slow path over the entries: after the fast path found a failure, it finds the reason, or finds that a
/// consent which was replaced after the track was made permits it.
library SettlementErrors {
    uint256 private constant MILLION = 1_000_000;

    // From 1/10,000 to 1/1,000,000.
    uint256 private constant WEIGHT_PER_SHARE = 100;

    /// @dev Reverts with the reason unless the entries are valid, every word has room and every recording had its
    /// consent. The words are those after crediting; a revert undoes that. Consent is above the bits that crediting
    /// changes, and an overflowing field changes the epoch.
    function explain(State storage state, bytes calldata entries, uint256 made, uint256 use, uint256 epoch)
        internal
        view
    {
        checkShape(entries);
        for (uint256 at = 0; at < entries.length; at += Entries.SIZE) {
            (uint256 id, uint256 weight) = Entries.at(entries, at);
            if (id == 0) continue;
            RecordingWord word = state.recordings[id];
            require(word.epoch() == epoch, IRoyaltyLedger.Settlement_RecordingFull(id));
            checkConsent(state, uint32(id), weight, made, use);
        }
    }

    /// @dev The selector of the error that the first entry without consent would revert with; zero if all have consent.
    function consentReason(State storage state, bytes memory entries, uint256 made, uint256 use)
        internal
        view
        returns (bytes4 reason)
    {
        for (uint256 at = 0; at < entries.length && reason == 0; at += Entries.SIZE) {
            uint256 entry = uint256(Packed.load(entries, at)) >> 192;
            if (entry >> 32 != 0) reason = _reason(state, uint32(entry >> 32), uint32(entry), made, use);
        }
    }

    function checkShape(bytes calldata entries) internal pure {
        uint256 total;
        uint256 previous;
        for (uint256 at = 0; at < entries.length; at += Entries.SIZE) {
            (uint256 id, uint256 weight) = Entries.at(entries, at);
            require(at == 0 || id > previous, IRoyaltyLedger.Settlement_EntriesNotAscending(previous, id));
            require(weight != 0, IRoyaltyLedger.Settlement_NoWeight(id));
            previous = id;
            total += weight;
        }
        require(total == MILLION, IRoyaltyLedger.Settlement_WeightsDoNotSum(total));
    }

    function checkConsent(State storage state, uint32 id, uint256 weight, uint256 made, uint256 use) internal view {
        RecordingWord word = Consents.at(state, id, made);
        (uint256 from, uint256 until, uint256 uses) = (word.consentFrom(), word.consentUntil(), word.uses());
        require(from <= made && made < until, IRoyaltyLedger.Settlement_NoConsent(id, made, from, until));
        require(use & uses == use, IRoyaltyLedger.Settlement_UseNotPermitted(id, use, uses));
        uint256 most = word.maxShare() * WEIGHT_PER_SHARE;
        require(weight <= most, IRoyaltyLedger.Settlement_ShareAboveMax(id, weight, most));
    }

    function _reason(State storage state, uint32 id, uint256 weight, uint256 made, uint256 use)
        private
        view
        returns (bytes4)
    {
        RecordingWord word = Consents.at(state, id, made);
        bool open = word.consentFrom() <= made && made < word.consentUntil();
        if (!open) return IRoyaltyLedger.Settlement_NoConsent.selector;
        if (use & word.uses() != use) return IRoyaltyLedger.Settlement_UseNotPermitted.selector;
        bool fits = weight <= word.maxShare() * WEIGHT_PER_SHARE;
        return fits ? bytes4(0) : IRoyaltyLedger.Settlement_ShareAboveMax.selector;
    }
}
