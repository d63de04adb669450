// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, Registration} from "../../contracts/interfaces/ICatalogue.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// @notice When a recording may be used. See Consent.tree.
contract ConsentTest is Base {
    uint256 internal start;

    function setUp() public override {
        super.setUp();
        start = _now();
    }

    function _window(uint256 from, uint256 until) internal returns (uint32) {
        Registration memory given = _registration();
        (given.consentFrom, given.consentUntil) = (uint32(from), uint32(until));
        return _register(given);
    }

    function _revoke(uint32 recording) internal {
        vm.prank(owner);
        ledger.revoke(recording);
    }

    function _ends(uint32 recording) internal view returns (uint256) {
        return ledger.recordings(recording).consentUntil;
    }

    // Whether a track made at `made` settles now; nothing of it stays.
    function _settles(uint32 recording, uint256 made) internal returns (bool done) {
        uint256 state = vm.snapshotState();
        Order memory order = _order(0);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        given.generatedAt = made;
        bytes memory signature = _signOrder(order);
        Quorum memory quorum = _quorum(order, given);
        try ledger.settle(order, signature, given, quorum) {
            done = true;
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(IRoyaltyLedger.Settlement_NoConsent.selector), "reason");
        }
        vm.revertToState(state);
    }

    function test_RevokingIsForTheOwner() public {
        uint32 recording = _window(0, start + 10);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), owner));
        ledger.revoke(recording);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), address(0)));
        ledger.revoke(99);
    }

    function test_RevokedBeforeItOpensItNeverOpens() public {
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

    function testFuzz_AgainstAListOfIntervals(uint256 seed, uint32[4] memory steps, uint256 made) public {
        uint256 from = start + seed % 1_000;
        uint256 until = from + 1 + (seed >> 16) % 2_000;
        uint32 recording = _window(from, until);

        // The list kept apart: what was consented to, less what each revocation took away.
        uint256 time = start;
        uint256 end = until;
        for (uint256 i = 0; i < 4; i++) {
            time += steps[i] % 1_500;
            vm.warp(time);
            if (steps[i] % 3 != 0) continue;
            _revoke(recording);
            if (time < end) end = time;
        }
        made = _bound(made, start, time);
        if (time - made > MAX_LAG) return;

        vm.assertEq(_settles(recording, made), made >= from && made < end, "consent");
    }

    function testFuzz_AWindowThatStartedIsCutToThisBlock(uint32 from) public {
        from = uint32(_bound(from, 0, start));
        uint32 recording = _window(from, start + 10);
        vm.assertEq(ledger.recordings(recording).consentFrom, start, "from");
        vm.assertEq(_settles(recording, start), true, "this second");
        vm.assertEq(_settles(recording, start - 1), false, "the second before");
    }
}
