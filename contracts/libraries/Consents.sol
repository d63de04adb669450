// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue} from "../interfaces/ICatalogue.sol";
import {State} from "../ledger/State.sol";
import {OwnerWord} from "./OwnerWords.sol";
import {RecordingWord} from "./RecordingWords.sol";

/// @title Consents
/// @notice The owner of a recording, and the consent that was valid at a time.
library Consents {
    /// @dev All uses: conditioning, training, commercial, voice.
    uint256 internal constant ALL_USES = 15;

    /// @dev The owner word of a recording of `caller`; reverts for anybody else's. Recording 0 is the training pool,
    /// which has a receiver and no owner.
    function ownedBy(State storage state, uint256 recording, address caller) internal view returns (OwnerWord holder) {
        bool possible = recording != 0 && recording <= type(uint32).max;
        require(possible, ICatalogue.Catalogue_UnknownRecording(recording));
        holder = state.owners[recording];
        require(caller == holder.owner(), ICatalogue.Catalogue_NotOwner(caller, holder.owner()));
    }

    /// @dev The key of a replaced consent.
    function pastKey(uint32 recording, uint256 version) internal pure returns (uint256) {
        return uint256(recording) << 16 | version;
    }

    /// @dev The consent that was valid when a track was made at `made`: the current one or the one before it. This is
    /// enough for tracks made within `maxLag`.
    function at(State storage state, uint32 recording, uint256 made) internal view returns (RecordingWord word) {
        word = state.recordings[recording];
        if (made < word.consentFrom()) word = state.past[pastKey(recording, state.owners[recording].lastVersion())];
    }
}
