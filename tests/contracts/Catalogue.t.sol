// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView, Registration} from "../../contracts/interfaces/ICatalogue.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// @notice Registering recordings. See Catalogue.tree.
contract CatalogueTest is Base {
    function _refuseToRegister(Registration memory given, bytes memory reason) internal {
        vm.prank(owner);
        vm.expectRevert(reason);
        ledger.register(given);
    }

    function test_RefusedForSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), owner));
        ledger.register(_registration());
    }

    function test_RefusedWithAWindowThatIsOver() public {
        bytes4 bad = ICatalogue.Catalogue_EmptyWindow.selector;
        Registration memory given = _registration();
        given.consentUntil = uint32(_now());
        _refuseToRegister(given, abi.encodeWithSelector(bad, _now(), _now()));
        (given.consentFrom, given.consentUntil) = (uint32(_now() + 10), uint32(_now() + 10));
        _refuseToRegister(given, abi.encodeWithSelector(bad, _now() + 10, _now() + 10));
    }

    function test_RefusedWithUsesThatDoNotExist() public {
        Registration memory given = _registration();
        given.uses = 0;
        _refuseToRegister(given, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 0));
        given.uses = 16;
        _refuseToRegister(given, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 16));
    }

    function test_RefusedWithAShareOutOfRange() public {
        Registration memory given = _registration();
        given.maxShare = 0;
        _refuseToRegister(given, abi.encodeWithSelector(ICatalogue.Catalogue_ShareOutOfRange.selector, 0));
        given.maxShare = 10_001;
        _refuseToRegister(given, abi.encodeWithSelector(ICatalogue.Catalogue_ShareOutOfRange.selector, 10_001));
    }

    function test_RefusedWithAnUnknownTable() public {
        Registration memory given = _registration();
        given.split = 1;
        _refuseToRegister(given, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownSplit.selector, 1, 0));
    }

    function test_RefusedWithoutTheAudiosHash() public {
        Registration memory given = _registration();
        given.audio = bytes32(0);
        _refuseToRegister(given, abi.encodeWithSelector(ICatalogue.Catalogue_NoAudio.selector));
    }

    function test_RefusedAsABatchOfNone() public {
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_EmptyBatch.selector));
        ledger.registerBatch(new Registration[](0));
    }

    function test_RefusedAsABatchWithABadOne() public {
        Registration[] memory given = new Registration[](2);
        (given[0], given[1]) = (_registration(), _registration());
        given[1].uses = 0;
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 0));
        ledger.registerBatch(given);
        vm.assertEq(ledger.recordingCount(), 0, "count");
    }

    function test_ABatchHasIdsWithoutGaps() public {
        _register();
        Registration[] memory given = new Registration[](3);
        for (uint256 i = 0; i < 3; i++) {
            given[i] = _registration();
            given[i].maxShare = uint16(i + 1);
        }
        vm.prank(owner);
        vm.assertEq(ledger.registerBatch(given), 2, "first");
        vm.assertEq(ledger.recordingCount(), 4, "count");
        for (uint32 i = 0; i < 3; i++) {
            vm.assertEq(ledger.recordings(2 + i).maxShare, i + 1, "share");
        }
    }

    function test_AnUnknownRecordingShowsNothing() public view {
        RecordingView memory seen = ledger.recordings(1);
        vm.assertEq(seen.owner, address(0), "owner");
        vm.assertEq(seen.consentUntil, 0, "until");
    }

    function testFuzz_KeepsEveryFieldApart(Registration memory given) public {
        vm.assume(given.owner != address(0) && given.audio != bytes32(0));
        given.split = 0;
        given.consentUntil = uint32(_bound(given.consentUntil, _now() + 1, type(uint32).max));
        given.consentFrom = uint32(_bound(given.consentFrom, _now(), given.consentUntil - 1));
        given.uses = uint8(_bound(given.uses, 1, 15));
        given.maxShare = uint16(_bound(given.maxShare, 1, 10_000));

        vm.expectEmit(address(ledger));
        _emitRegistered(1, given);
        uint32 id = _register(given);
        _same(ledger.recordings(id), given);
        vm.assertEq(id, ledger.recordingCount(), "id");
    }

    function _emitRegistered(uint32 id, Registration memory given) private {
        emit ICatalogue.Registered(
            id,
            given.owner,
            given.split,
            given.consentFrom,
            given.consentUntil,
            given.uses,
            given.maxShare,
            given.audio,
            given.metadata,
            given.isrc
        );
    }

    function _same(RecordingView memory seen, Registration memory given) private pure {
        vm.assertEq(seen.owner, given.owner, "owner");
        vm.assertEq(seen.consentFrom, given.consentFrom, "from");
        vm.assertEq(seen.consentUntil, given.consentUntil, "until");
        vm.assertEq(seen.uses, given.uses, "uses");
        vm.assertEq(seen.maxShare, given.maxShare, "share");
        vm.assertEq(seen.unclaimed, 0, "unclaimed");
    }
}
