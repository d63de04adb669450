// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, Terms} from "../interfaces/ICatalogue.sol";
import {Setup} from "../interfaces/ILedgerBase.sol";
import {LedgerBase} from "../ledger/LedgerBase.sol";
import {PayoutTransfers} from "../ledger/PayoutTransfers.sol";
import {Consents} from "../libraries/Consents.sol";
import {OwnerWord, OwnerWords} from "../libraries/OwnerWords.sol";
import {RecordingWord, RecordingWords} from "../libraries/RecordingWords.sol";

/// @title CatalogueModule
/// @notice The owner's functions except revoking: code that the ledger runs on its own storage. See ICatalogue.
contract CatalogueModule is PayoutTransfers {
    uint256 private constant WHOLE_SHARE = 10_000;
    uint256 private constant TIER_BITS = 64;

    constructor(Setup memory setup) LedgerBase(setup) {}

    function register(Terms calldata terms, bytes32 audio, bytes32 metadata, string calldata isrc)
        external
        returns (uint32 recording)
    {
        bytes32[] memory hashes = new bytes32[](1);
        bytes32[] memory digests = new bytes32[](1);
        (hashes[0], digests[0]) = (audio, metadata);
        return _register(terms, hashes, digests, isrc);
    }

    function registerBatch(
        Terms calldata terms,
        bytes32[] calldata audio,
        bytes32[] calldata metadata,
        string calldata isrcs
    ) external returns (uint32 first) {
        return _register(terms, audio, metadata, isrcs);
    }

    function amend(uint32 recording, uint32 consentFrom, uint32 consentUntil, uint8 uses, uint16 maxShare) external {
        OwnerWord holder = Consents.ownedBy(_state, recording, msg.sender);
        RecordingWord old = _state.recordings[recording];
        RecordingWord word = _consent(consentFrom, consentUntil, uses, maxShare);
        _state.recordings[recording] = old.withConsent(word);
        if (old.consentFrom() <= block.timestamp) holder = _close(recording, holder, old);

        uint32 begins = uint32(word.consentFrom());
        emit ICatalogue.Amended(recording, begins, consentUntil, uses, maxShare, holder.lastVersion());
    }

    function setFloors(uint32 recording, uint64[4] calldata perSecond) external {
        Consents.ownedBy(_state, recording, msg.sender);
        uint256 packed;
        for (uint256 tier = 0; tier < perSecond.length; tier++) {
            packed |= uint256(perSecond[tier]) << (TIER_BITS * tier);
        }
        _state.floors[recording] = packed;

        emit ICatalogue.FloorsSet(recording, perSecond);
    }

    function offer(uint32 recording, address to) external {
        Consents.ownedBy(_state, recording, msg.sender);

        _state.offers[recording] = to;

        emit ICatalogue.Offered(recording, to);
    }

    function accept(uint32 recording, uint32 split) external nonReentrant {
        address to = _state.offers[recording];
        require(to == msg.sender, ICatalogue.Catalogue_NotOffered(msg.sender, to));

        _assign(recording, split);

        // The offer is deleted last: during the payment the old owner may offer the recording again, and that offer
        // must not outlive the sale.
        delete _state.offers[recording];
    }

    function assign(uint32 recording, uint32 split) external nonReentrant {
        Consents.ownedBy(_state, recording, msg.sender);

        _assign(recording, split);
    }

    // Only the last replaced consent is checked. So it must stay the last one until nothing that was made under an
    // earlier consent can be settled.
    function _close(uint32 recording, OwnerWord holder, RecordingWord old) private returns (OwnerWord next) {
        uint256 closed = _state.past[Consents.pastKey(recording, holder.lastVersion())].consentUntil();
        bool later = closed + maxLag < block.timestamp;
        require(later, ICatalogue.Catalogue_ChangedLately(closed, closed + maxLag + 1));

        uint256 until = old.consentUntil() < block.timestamp ? old.consentUntil() : block.timestamp;
        RecordingWord past = RecordingWords.pack(old.consentFrom(), until, old.uses(), old.maxShare());
        _state.past[Consents.pastKey(recording, holder.version())] = past;
        next = holder.withNextVersion();
        _state.owners[recording] = next;
    }

    function _consent(uint256 from, uint256 until, uint256 uses, uint256 share) private view returns (RecordingWord) {
        if (from < block.timestamp) from = block.timestamp;
        require(from < until, ICatalogue.Catalogue_EmptyWindow(from, until));
        require(uses != 0 && uses <= Consents.ALL_USES, ICatalogue.Catalogue_UnknownUses(uses));
        require(share != 0 && share <= WHOLE_SHARE, ICatalogue.Catalogue_ShareOutOfRange(share));

        return RecordingWords.pack(from, until, uses, share);
    }

    // The old holders are paid by the old table.
    function _assign(uint32 recording, uint32 split) private {
        _checkSplit(split);
        _payOut(recording);

        _state.owners[recording] = _state.owners[recording].withHolder(msg.sender, split);

        emit ICatalogue.Assigned(recording, msg.sender, split);
    }

    function _checkSplit(uint32 split) private view {
        uint256 tables = splits.count();
        require(split <= tables, ICatalogue.Catalogue_UnknownSplit(split, tables));
    }

    function _register(Terms calldata terms, bytes32[] memory audio, bytes32[] memory metadata, string calldata isrcs)
        private
        returns (uint32 first)
    {
        uint256 number = audio.length;
        require(number != 0, ICatalogue.Catalogue_EmptyBatch());
        require(number == metadata.length, ICatalogue.Catalogue_LengthsDiffer(number, metadata.length));
        _checkSplit(terms.split);
        RecordingWord word = _consent(terms.consentFrom, terms.consentUntil, terms.uses, terms.maxShare);

        first = _reserve(number);
        OwnerWord holder = OwnerWords.pack(msg.sender, terms.split);
        RecordingWord fresh = word.inEpoch(_epoch());
        for (uint256 i = 0; i < number; i++) {
            require(audio[i] != 0, ICatalogue.Catalogue_NoAudio(i));
            _state.recordings[first + i] = fresh;
            _state.owners[first + i] = holder;
        }

        _announce(first, word, terms, audio, metadata, isrcs);
    }

    function _reserve(uint256 number) private returns (uint32 first) {
        uint256 count = _state.count;
        require(count + number <= type(uint32).max, ICatalogue.Catalogue_Full(count));

        first = uint32(count + 1);
        _state.count = count + number;
    }

    function _announce(
        uint32 first,
        RecordingWord word,
        Terms calldata terms,
        bytes32[] memory audio,
        bytes32[] memory metadata,
        string calldata isrcs
    ) private {
        emit ICatalogue.Registered(
            first,
            msg.sender,
            terms.split,
            uint32(word.consentFrom()),
            terms.consentUntil,
            terms.uses,
            terms.maxShare,
            audio,
            metadata,
            isrcs,
            terms.licence
        );
    }
}
