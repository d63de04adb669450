// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView, Registration} from "./interfaces/ICatalogue.sol";
import {IRightsSplits} from "./interfaces/IRightsSplits.sol";
import {OwnerWord, OwnerWords} from "./libraries/OwnerWords.sol";
import {RecordingWord, RecordingWords} from "./libraries/RecordingWords.sol";

/// @title Catalogue
/// @notice Recordings and their consent. See ICatalogue.
abstract contract Catalogue is ICatalogue {
    /// @notice The tables of holders that registrations may name.
    IRightsSplits public immutable splits;

    /// @dev Every use there is: conditioning, training, commercial, voice.
    uint256 internal constant ALL_USES = 15;

    uint256 private constant WHOLE_SHARE = 10_000;

    // One slot per recording and no hash: the slot is the array's base plus the id.
    RecordingWord[2 ** 32] internal _recordings;
    OwnerWord[2 ** 32] internal _owners;

    uint256 private _count;

    constructor(IRightsSplits splits_) {
        require(address(splits_).code.length != 0, Catalogue_NoSplits(address(splits_)));

        splits = splits_;
    }

    /// @inheritdoc ICatalogue
    function register(Registration calldata registration) external returns (uint32 recording) {
        recording = _reserve(1);
        _register(recording, registration, splits.count());
    }

    /// @inheritdoc ICatalogue
    function registerBatch(Registration[] calldata registrations) external returns (uint32 first) {
        require(registrations.length != 0, Catalogue_EmptyBatch());
        uint256 tables = splits.count();
        first = _reserve(registrations.length);

        for (uint256 i = 0; i < registrations.length; i++) {
            _register(uint32(first + i), registrations[i], tables);
        }
    }

    /// @inheritdoc ICatalogue
    function revoke(uint32 recording) external {
        address owner = _owners[recording].owner();
        require(msg.sender == owner, Catalogue_NotOwner(msg.sender, owner));

        // The earlier of the two: writing the present over an end already past would reopen the window.
        RecordingWord word = _recordings[recording];
        uint256 at = word.consentUntil() < block.timestamp ? word.consentUntil() : block.timestamp;
        _recordings[recording] = word.withConsentUntil(at);

        emit Revoked(recording, at);
    }

    /// @inheritdoc ICatalogue
    function recordings(uint32 recording) external view returns (RecordingView memory) {
        RecordingWord word = _recordings[recording];
        OwnerWord holder = _owners[recording];
        return RecordingView({
            owner: holder.owner(),
            split: holder.split(),
            consentFrom: uint32(word.consentFrom()),
            consentUntil: uint32(word.consentUntil()),
            uses: uint8(word.uses()),
            maxShare: uint16(word.maxShare()),
            unclaimed: word.matured()
        });
    }

    /// @inheritdoc ICatalogue
    function recordingCount() external view returns (uint256) {
        return _count;
    }

    function _reserve(uint256 number) private returns (uint32 first) {
        uint256 last = _count + number;
        require(last <= type(uint32).max, Catalogue_Full(_count));

        first = uint32(_count + 1);
        _count = last;
    }

    function _register(uint32 recording, Registration calldata given, uint256 tables) private {
        uint256 from = given.consentFrom > block.timestamp ? given.consentFrom : block.timestamp;
        require(given.owner == msg.sender, Catalogue_NotOwner(msg.sender, given.owner));
        require(from < given.consentUntil, Catalogue_EmptyWindow(from, given.consentUntil));
        require(given.uses != 0 && given.uses <= ALL_USES, Catalogue_UnknownUses(given.uses));
        require(given.maxShare != 0 && given.maxShare <= WHOLE_SHARE, Catalogue_ShareOutOfRange(given.maxShare));
        require(given.split <= tables, Catalogue_UnknownSplit(given.split, tables));
        require(given.audio != bytes32(0), Catalogue_NoAudio());

        _recordings[recording] = RecordingWords.pack(from, given.consentUntil, given.uses, given.maxShare);
        _owners[recording] = OwnerWords.pack(given.owner, given.split);

        _announce(recording, given, uint32(from));
    }

    function _announce(uint32 recording, Registration calldata given, uint32 from) private {
        emit Registered(
            recording,
            given.owner,
            given.split,
            from,
            given.consentUntil,
            given.uses,
            given.maxShare,
            given.audio,
            given.metadata,
            given.isrc
        );
    }
}
