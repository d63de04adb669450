// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView, Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice Registering recordings. See Catalogue.tree.
contract CatalogueTest is Base {
    uint256 internal batch = 1;
    string internal codes;

    function _hashes(uint256 count, uint256 seed) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            hashes[i] = keccak256(abi.encode(seed, i));
        }
    }

    function _batch(uint256 count) internal returns (uint32) {
        vm.prank(owner);
        return ledger.registerBatch(_terms(), _hashes(count, 1), _hashes(count, 2), "");
    }

    function _refuseToRegister(Terms memory terms, bytes memory reason) internal {
        vm.expectRevert(reason);
        ledger.register(terms, keccak256("audio"), keccak256("metadata"), "");
        vm.expectRevert(reason);
        ledger.registerBatch(terms, _hashes(2, 1), _hashes(2, 2), "");
    }

    function test_RefusedWithAWindowThatIsOver() public {
        bytes4 bad = ICatalogue.Catalogue_EmptyWindow.selector;
        Terms memory terms = _terms();
        terms.consentUntil = uint32(_now());
        _refuseToRegister(terms, abi.encodeWithSelector(bad, _now(), _now()));
        (terms.consentFrom, terms.consentUntil) = (uint32(_now() + 10), uint32(_now() + 10));
        _refuseToRegister(terms, abi.encodeWithSelector(bad, _now() + 10, _now() + 10));
    }

    function test_RefusedWithUsesThatDoNotExist() public {
        Terms memory terms = _terms();
        terms.uses = 0;
        _refuseToRegister(terms, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 0));
        terms.uses = 16;
        _refuseToRegister(terms, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 16));
    }

    function test_RefusedWithAShareOutOfRange() public {
        Terms memory terms = _terms();
        terms.maxShare = 0;
        _refuseToRegister(terms, abi.encodeWithSelector(ICatalogue.Catalogue_ShareOutOfRange.selector, 0));
        terms.maxShare = 10_001;
        _refuseToRegister(terms, abi.encodeWithSelector(ICatalogue.Catalogue_ShareOutOfRange.selector, 10_001));
    }

    function test_RefusedWithAnUnknownTable() public {
        Terms memory terms = _terms();
        terms.split = 1;
        _refuseToRegister(terms, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownSplit.selector, 1, 0));
    }

    function test_RefusedWithoutTheAudiosHash() public {
        bytes4 bad = ICatalogue.Catalogue_NoAudio.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, 0));
        ledger.register(_terms(), 0, keccak256("metadata"), "");

        bytes32[] memory audio = _hashes(3, 1);
        audio[1] = 0;
        vm.expectRevert(abi.encodeWithSelector(bad, 1));
        ledger.registerBatch(_terms(), audio, _hashes(3, 2), "");
        vm.assertEq(ledger.recordingCount(), 0, "count");
    }

    function test_RefusedAsABatchOfNone() public {
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_EmptyBatch.selector));
        ledger.registerBatch(_terms(), new bytes32[](0), new bytes32[](0), "");
    }

    function test_RefusedWithMoreAudioThanMetadata() public {
        bytes4 bad = ICatalogue.Catalogue_LengthsDiffer.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, 2, 1));
        ledger.registerBatch(_terms(), _hashes(2, 1), _hashes(1, 2), "");
        vm.expectRevert(abi.encodeWithSelector(bad, 1, 2));
        ledger.registerBatch(_terms(), _hashes(1, 1), _hashes(2, 2), "");
    }

    function test_RefusedWhenTheCatalogueIsFull() public {
        uint32 last = _batch(1);
        // The count is after the two arrays: the first word there that holds 1.
        uint256 slot = 2 ** 33;
        while (uint256(vm.load(address(ledger), bytes32(slot))) != last) slot++;
        vm.store(address(ledger), bytes32(slot), bytes32(uint256(type(uint32).max - 1)));
        vm.assertEq(ledger.recordingCount(), type(uint32).max - 1, "count");

        bytes4 bad = ICatalogue.Catalogue_Full.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, type(uint32).max - 1));
        ledger.registerBatch(_terms(), _hashes(2, 1), _hashes(2, 2), "");
        vm.assertEq(_register(), type(uint32).max, "the last id");
    }

    function test_ABatchHasIdsWithoutGaps() public {
        _register();
        vm.assertEq(_batch(3), 2, "first");
        vm.assertEq(ledger.recordingCount(), 4, "count");
        for (uint32 id = 2; id <= 4; id++) {
            vm.assertEq(ledger.recordings(id).owner, owner, "owner");
        }
        vm.assertEq(ledger.recordings(5).owner, address(0), "beyond");
        vm.assertEq(_register(), 5, "the next one");
    }

    function test_ABatchIsToldInOneEvent() public {
        _register();
        Terms memory terms = _terms();
        (terms.consentUntil, terms.uses, terms.maxShare) = (uint32(_now() + 9), 3, 77);
        terms.consentFrom = uint32(_now());
        (batch, codes) = (3, "QZABC2500001,,QZABC2500003");
        vm.recordLogs();
        vm.expectEmit(address(ledger));
        _emitRegistered(2, owner, terms);
        terms.consentFrom = 0;
        vm.prank(owner);
        ledger.registerBatch(terms, _hashes(3, 1), _hashes(3, 2), codes);
        // The event above is ours, the call emits the ledger's.
        vm.assertEq(vm.getRecordedLogs().length, 2, "events");
    }

    function test_AnUnknownRecordingShowsNothing() public view {
        RecordingView memory seen = ledger.recordings(1);
        vm.assertEq(abi.encode(seen), abi.encode(ledger.recordings(type(uint32).max)), "all zero");
        vm.assertEq(seen.owner, address(0), "owner");
        vm.assertEq(seen.consentUntil, 0, "until");
    }

    function testFuzz_KeepsEveryFieldApart(Terms memory terms, address who, string memory isrc) public {
        vm.assume(who != address(0));
        terms.split = 0;
        terms.consentUntil = uint32(_bound(terms.consentUntil, _now() + 1, type(uint32).max));
        terms.consentFrom = uint32(_bound(terms.consentFrom, _now(), terms.consentUntil - 1));
        terms.uses = uint8(_bound(terms.uses, 1, 15));
        terms.maxShare = uint16(_bound(terms.maxShare, 1, 10_000));

        codes = isrc;
        vm.expectEmit(address(ledger));
        _emitRegistered(1, who, terms);
        vm.prank(who);
        uint32 id = ledger.register(terms, _hashes(1, 1)[0], _hashes(1, 2)[0], isrc);
        _same(ledger.recordings(id), terms, who);
        vm.assertEq(id, ledger.recordingCount(), "id");
    }

    // Registers with `batch` hashes of each kind and the codes `codes`.
    function _emitRegistered(uint32 id, address who, Terms memory given) private {
        emit ICatalogue.Registered(
            id,
            who,
            given.split,
            given.consentFrom,
            given.consentUntil,
            given.uses,
            given.maxShare,
            _hashes(batch, 1),
            _hashes(batch, 2),
            codes,
            given.licence
        );
    }

    function _same(RecordingView memory seen, Terms memory terms, address who) private pure {
        vm.assertEq(seen.owner, who, "owner");
        vm.assertEq(seen.consentFrom, terms.consentFrom, "from");
        vm.assertEq(seen.consentUntil, terms.consentUntil, "until");
        vm.assertEq(seen.uses, terms.uses, "uses");
        vm.assertEq(seen.maxShare, terms.maxShare, "share");
        vm.assertEq(uint256(seen.version) + seen.unclaimed + seen.disputable, 0, "version and money");
    }
}
