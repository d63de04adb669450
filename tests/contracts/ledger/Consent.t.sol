// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView} from "../../../contracts/interfaces/ICatalogue.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Consenting} from "../support/Consenting.sol";
import {vm} from "../support/Vm.sol";

/// @notice When a recording may be used, and what a revocation does. See Consent.tree.
contract ConsentTest is Consenting {
    function test_RevokingIsForTheOwner() public {
        uint32 recording = _window(0, start + 10);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), owner));
        ledger.revoke(recording);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), address(0)));
        ledger.revoke(99);
        // Larger than any id; its lowest 32 bits are the owner's recording.
        uint256 beyond = (1 << 32) + recording;
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownRecording.selector, beyond));
        ledger.revoke(beyond);
    }

    function test_NobodyChangesThePoolsConsent() public {
        vm.prank(admin);
        ledger.setReceivers(owner, owner);
        vm.startPrank(owner);
        bytes memory reason = abi.encodeWithSelector(ICatalogue.Catalogue_UnknownRecording.selector, 0);
        vm.expectRevert(reason);
        ledger.revoke(0);
        vm.expectRevert(reason);
        ledger.amend(0, 0, type(uint32).max, 1, 1);
        vm.expectRevert(reason);
        ledger.offer(0, owner);
        vm.expectRevert(reason);
        ledger.assign(0, 0);
    }

    function test_RevokedBeforeItsStartItNeverBegins() public {
        uint32 recording = _window(start + 100, start + 200);
        vm.warp(start + 50);
        _revoke(recording);
        vm.assertEq(_ends(recording), start + 50, "end");

        vm.warp(start + 150);
        vm.assertEq(_settles(recording, start + 150), false, "opened");
        vm.assertEq(_settles(recording, start + 50), false, "never open");
    }

    function test_RevokedItEndsAtThisBlock() public {
        uint32 recording = _window(0, start + 200);
        vm.warp(start + 50);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Revoked(recording, start + 50);
        _revoke(recording);
        vm.assertEq(_ends(recording), start + 50, "end");
    }

    function test_RevokedAfterItsEndItStaysEnded() public {
        uint32 recording = _window(0, start + 100);
        vm.warp(start + 1_000);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Revoked(recording, start + 100);
        _revoke(recording);
        vm.assertEq(_ends(recording), start + 100, "end");
        vm.assertEq(_settles(recording, start + 500), false, "reopened");
    }

    function test_RevokedTwiceItStaysEndedWhereItWasFirst() public {
        uint32 recording = _window(0, start + 100);
        vm.warp(start + 50);
        _revoke(recording);
        vm.warp(start + 70);
        _revoke(recording);
        vm.assertEq(_ends(recording), start + 50, "end");
    }

    function test_RevokingLeavesMoneyVersionAndTermsAlone() public {
        uint32 recording = _window(0, start + 100);
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
        RecordingView memory before = ledger.recordings(recording);
        _revoke(recording);
        RecordingView memory seen = ledger.recordings(recording);
        vm.assertTrue(seen.disputable != 0 && seen.version == 0, "earned, in the first version");
        before.consentUntil = uint32(start);
        vm.assertEq(abi.encode(seen), abi.encode(before), "all but the end");
    }

    function test_RevokesMany() public {
        uint32[] memory ids = new uint32[](3);
        (ids[0], ids[1], ids[2]) = (_window(0, start + 100), _window(0, start + 200), _window(0, start + 10));
        vm.warp(start + 50);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Revoked(ids[0], start + 50);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Revoked(ids[1], start + 50);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Revoked(ids[2], start + 10);
        vm.prank(owner);
        ledger.revokeMany(ids);
        vm.assertEq(_ends(ids[0]) + _ends(ids[1]) + _ends(ids[2]), 3 * start + 110, "ends");
    }

    function test_RevokesNoneWhenOneIsSomebodyElses() public {
        uint32[] memory ids = new uint32[](2);
        (ids[0], ids[1]) = (_window(0, start + 100), _registerAs(node, _terms()));
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, owner, node));
        ledger.revokeMany(ids);
        vm.assertEq(_ends(ids[0]), start + 100, "end");
    }

    function test_TheWindowIsHalfOpen() public {
        uint32 recording = _window(start + 100, start + 200);
        vm.warp(start + 300);
        vm.assertEq(_settles(recording, start + 99), false, "before");
        vm.assertEq(_settles(recording, start + 100), true, "first second");
        vm.assertEq(_settles(recording, start + 199), true, "last second");
        vm.assertEq(_settles(recording, start + 200), false, "end");
    }

    function test_RevocationAndSettlementInEitherOrder() public {
        uint32 recording = _window(0, start + 1_000);
        vm.warp(start + 100);
        vm.assertEq(_settles(recording, start + 99), true, "made before, settled first");
        vm.assertEq(_settles(recording, start + 100), true, "same second, settled first");

        _revoke(recording);
        vm.assertEq(_settles(recording, start + 99), true, "made before, revoked first");
        vm.assertEq(_settles(recording, start + 100), false, "same second, revoked first");
        vm.warp(start + 99 + MAX_LAG);
        vm.assertEq(_settles(recording, start + 99), true, "as late as may be");
        vm.assertEq(_settles(recording, start + 101), false, "made after");
    }

    function testFuzz_AWindowThatStartedIsCutToThisBlock(uint32 from) public {
        from = uint32(_bound(from, 0, start));
        uint32 recording = _window(from, start + 10);
        vm.assertEq(ledger.recordings(recording).consentFrom, start, "from");
        vm.assertEq(_settles(recording, start), true, "this second");
        vm.assertEq(_settles(recording, start - 1), false, "the second before");
    }

    function test_EachUseIsCheckedSeparately() public {
        uint32 recording = _window(0, start + 100);
        _amend(recording, 0, start + 100, 2, 10_000);
        vm.assertEq(_settlesFor(recording, start, 2), true, "training alone");
        bytes4 bad = IRoyaltyLedger.Settlement_UseNotPermitted.selector;
        vm.assertEq(bytes32(_refusal(recording, start, 1)), bytes32(bad), "conditioning");
    }
}
