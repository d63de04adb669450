// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView, Terms} from "../interfaces/ICatalogue.sol";
import {Buckets} from "../libraries/Buckets.sol";
import {Consents} from "../libraries/Consents.sol";
import {OwnerWord} from "../libraries/OwnerWords.sol";
import {RecordingWord} from "../libraries/RecordingWords.sol";
import {Modules} from "./Modules.sol";

/// @title Catalogue
/// @notice Recordings and their consent. See ICatalogue.
abstract contract Catalogue is ICatalogue, Modules {
    uint256 private constant TIER_BITS = 64;

    /// @inheritdoc ICatalogue
    function register(Terms calldata, bytes32, bytes32, string calldata) external returns (uint32 recording) {
        return abi.decode(_run(catalogueModule), (uint32));
    }

    /// @inheritdoc ICatalogue
    function registerBatch(Terms calldata, bytes32[] calldata, bytes32[] calldata, string calldata)
        external
        returns (uint32 first)
    {
        return abi.decode(_run(catalogueModule), (uint32));
    }

    /// @inheritdoc ICatalogue
    function amend(uint32, uint32, uint32, uint8, uint16) external {
        _run(catalogueModule);
    }

    /// @inheritdoc ICatalogue
    function revoke(uint256 recording) external {
        _revoke(recording);
    }

    /// @inheritdoc ICatalogue
    function revokeMany(uint32[] calldata ids) external {
        for (uint256 i = 0; i < ids.length; i++) {
            _revoke(ids[i]);
        }
    }

    /// @inheritdoc ICatalogue
    function setFloors(uint32, uint64[4] calldata) external {
        _run(catalogueModule);
    }

    /// @inheritdoc ICatalogue
    function offer(uint32, address) external {
        _run(catalogueModule);
    }

    /// @inheritdoc ICatalogue
    function accept(uint32, uint32) external {
        _run(catalogueModule);
    }

    /// @inheritdoc ICatalogue
    function assign(uint32, uint32) external {
        _run(catalogueModule);
    }

    /// @inheritdoc ICatalogue
    function recordings(uint32 recording) external view returns (RecordingView memory found) {
        RecordingWord word = _state.recordings[recording];
        OwnerWord holder = _state.owners[recording];
        (uint256 matured, uint256 prev, uint256 cur) = Buckets.read(RecordingWord.unwrap(word), _epoch());
        (found.owner, found.split, found.version) = (holder.owner(), holder.split(), uint8(holder.version()));
        (found.consentFrom, found.consentUntil) = (uint32(word.consentFrom()), uint32(word.consentUntil()));
        (found.uses, found.maxShare) = (uint8(word.uses()), uint16(word.maxShare()));
        (found.unclaimed, found.disputable) = (matured, prev + cur);
    }

    /// @inheritdoc ICatalogue
    function pastConsent(uint32 recording, uint8 version) external view returns (uint256 word) {
        return RecordingWord.unwrap(_state.past[Consents.pastKey(recording, version)]);
    }

    /// @inheritdoc ICatalogue
    function offeredTo(uint32 recording) external view returns (address) {
        return _state.offers[recording];
    }

    /// @inheritdoc ICatalogue
    function floors(uint32 recording) external view returns (uint64[4] memory perSecond) {
        uint256 packed = _state.floors[recording];
        for (uint256 tier = 0; tier < perSecond.length; tier++) {
            perSecond[tier] = uint64(packed >> (TIER_BITS * tier));
        }
    }

    /// @inheritdoc ICatalogue
    function recordingCount() external view returns (uint256) {
        return _state.count;
    }

    // Takes the earlier time: to write the current time over an end that has passed would reopen the window.
    function _revoke(uint256 recording) private {
        Consents.ownedBy(_state, recording, msg.sender);
        RecordingWord word = _state.recordings[recording];
        uint256 at = word.consentUntil() < block.timestamp ? word.consentUntil() : block.timestamp;
        _state.recordings[recording] = word.withConsentUntil(at);

        emit Revoked(uint32(recording), at);
    }
}
