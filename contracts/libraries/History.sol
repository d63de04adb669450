// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView} from "../interfaces/ICatalogue.sol";
import {RecordingWord, RecordingWords} from "./RecordingWords.sol";

/// @title History
/// @notice Which consent of a recording stood when, read from outside the ledger and however long ago.
///
/// Consent only reaches forward: an amendment closes the consent before it at its own block, a revocation ends at its own
/// block. So what is found for a moment that has passed is the same whenever it is asked.
library History {
    uint256 internal constant CONDITIONING = 1;
    uint256 internal constant TRAINING = 2;

    // Beyond as many replaced consents the oldest are overwritten.
    uint256 private constant VERSIONS = 256;

    /// @dev The consent whose beginning was the last at `time`: whether it stood until then is `stands`. Where a recording had
    /// none by then, one that does not stand.
    function at(ICatalogue catalogue, uint32 recording, uint256 time) internal view returns (RecordingWord word) {
        RecordingView memory found = catalogue.recordings(recording);
        word = RecordingWords.pack(found.consentFrom, found.consentUntil, found.uses, found.maxShare);
        uint8 version = found.version;
        for (uint256 i = 0; i < VERSIONS && time < word.consentFrom(); i++) {
            unchecked {
                version--;
            }
            word = RecordingWord.wrap(catalogue.pastConsent(recording, version));
        }
    }

    /// @dev Whether a consent permits all of `uses` at `time`.
    function stands(RecordingWord word, uint256 uses, uint256 time) internal pure returns (bool) {
        return word.consentFrom() <= time && time < word.consentUntil() && word.uses() & uses == uses;
    }
}
