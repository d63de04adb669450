// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView} from "../interfaces/ICatalogue.sol";
import {RecordingWord, RecordingWords} from "./RecordingWords.sol";

/// @title History
/// @notice The consent of a recording at any time, read from outside the ledger.
///
/// Consent only applies forward: an amendment ends the consent before it at its own block, and a revocation ends
/// consent at its own block. So the result for a past time never changes.
library History {
    uint256 internal constant CONDITIONING = 1;
    uint256 internal constant TRAINING = 2;

    // With more replaced consents than this, the oldest are overwritten.
    uint256 private constant VERSIONS = 256;

    /// @dev The consent that began last by `time`; `stands` tells whether it was still valid then. If the recording had
    /// none by then, the result is a consent that is not valid at `time`.
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
