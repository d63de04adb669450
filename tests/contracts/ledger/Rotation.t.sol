// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet, SetTerms, SetView} from "../../../contracts/interfaces/IOracleSet.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Rotation} from "../support/Rotation.sol";
import {vm} from "../support/Vm.sol";

/// @notice Activated and removed sets of oracles, and the pause. See OracleSet.tree.
contract RotationTest is Rotation {
    function test_AProposedSetDoesNotSettle() public {
        vm.expectEmit(address(ledger));
        emit IOracleSet.SetProposed(lonely, 1, loner, _setTerms());
        vm.assertEq(_propose(1, loner), lonely, "set");
        _refuses(true, IOracleSet.OracleSet_NotActive.selector);
        SetView memory seen = ledger.sets(lonely);
        vm.assertTrue(!seen.active && !seen.used && seen.activeFrom == _now() + SET_DELAY, "view");
        vm.warp(_now() + SET_DELAY);
        _refuses(true, IOracleSet.OracleSet_NotActive.selector);
    }

    function test_ASetRemovedInItsDelayIsNotActivated() public {
        _propose(1, loner);
        _remove(lonely);
        vm.warp(_now() + SET_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_NotProposed.selector, lonely));
        ledger.activateSet(1, loner);
    }

    function test_ASetRemovedBeforeUseMayBeProposedWithAnyFee() public {
        _propose(1, loner);
        _remove(lonely);
        vm.assertEq(ledger.sets(lonely).used, false, "never used");
        SetTerms memory other = SetTerms(PROTOCOL_BPS + 1, 0, SET_UNTIL, CAP);
        vm.prank(admin);
        ledger.proposeSet(1, loner, other);
        vm.assertEq(ledger.sets(lonely).protocolBps, PROTOCOL_BPS + 1, "fee");
    }

    function test_AnyoneActivatesAndBothSetsSettle() public {
        _propose(1, loner);
        vm.warp(_now() + SET_DELAY);
        vm.expectEmit(address(ledger));
        emit IOracleSet.SetActivated(lonely, 1, loner, _setTerms());
        ledger.activateSet(1, loner);
        _settles(true);
        _settles(false);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_NotProposed.selector, lonely));
        ledger.activateSet(1, loner);
    }

    function testFuzz_KeepsEveryTermApart(uint16 fee, uint16 capBps, uint40 until, uint64 cap) public {
        fee = uint16(_bound(fee, 0, 5_000));
        capBps = uint16(_bound(capBps, 0, 5_000 - fee));
        until = uint40(_bound(until, _now() + SET_DELAY + 1, type(uint40).max));
        vm.prank(admin);
        ledger.proposeSet(1, loner, SetTerms(fee, capBps, until, cap));
        SetView memory seen = ledger.sets(lonely);
        vm.assertTrue(seen.protocolBps == fee && seen.nodeCapBps == capBps, "fees");
        vm.assertTrue(seen.until == until && seen.cap == cap && seen.activeFrom == _now() + SET_DELAY, "rest");

        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(1, loner);
        SetView memory later = ledger.sets(lonely);
        (seen.active, seen.used) = (true, true);
        vm.assertEq(abi.encode(later), abi.encode(seen), "all but active and used");
    }

    function test_ARemovedSetSettlesNoMoreAndKeepsItsTerms() public {
        SetView memory before = ledger.sets(set);
        vm.expectEmit(address(ledger));
        emit IOracleSet.SetRemoved(set);
        _remove(set);
        _refuses(false, IOracleSet.OracleSet_NotActive.selector);
        before.active = false;
        vm.assertEq(abi.encode(ledger.sets(set)), abi.encode(before), "all but active");
        vm.assertTrue(before.used && before.protocolBps == PROTOCOL_BPS && before.cap == CAP, "terms");
    }

    function test_AnAttestationOfARemovedSignerDoesNotSettle() public {
        _activateLoner();
        Order memory order = _order(0);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        _remove(set);
        _refuse(order, given, abi.encodeWithSelector(IOracleSet.OracleSet_NotActive.selector, set));
        _settles(true);
    }

    function test_ARemovedSetIsProposedAgainWithItsFee() public {
        _remove(set);
        vm.startPrank(admin);
        bytes4 bad = IOracleSet.OracleSet_FeeChanged.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, PROTOCOL_BPS + 1, PROTOCOL_BPS));
        ledger.proposeSet(2, signers, SetTerms(PROTOCOL_BPS + 1, NODE_CAP_BPS, SET_UNTIL, CAP));
        ledger.proposeSet(2, signers, SetTerms(PROTOCOL_BPS, 1, SET_UNTIL - 1, 77e6));
        vm.stopPrank();

        vm.assertTrue(ledger.sets(set).used && !ledger.sets(set).active, "its receipts stay good");
        vm.warp(_now() + SET_DELAY);
        _refuses(false, IOracleSet.OracleSet_NotActive.selector);
        ledger.activateSet(2, signers);
        SetView memory seen = ledger.sets(set);
        vm.assertTrue(seen.nodeCapBps == 1 && seen.until == SET_UNTIL - 1 && seen.cap == 77e6, "the new terms");
    }

    function test_AUsedSetRemovedAsAProposalKeepsItsFee() public {
        _remove(set);
        _propose(2, signers);
        _remove(set);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_FeeChanged.selector, 0, PROTOCOL_BPS));
        ledger.proposeSet(2, signers, SetTerms(0, 0, SET_UNTIL, CAP));
    }

    function test_AnExpiredSetSettlesNoMore() public {
        vm.prank(admin);
        ledger.proposeSet(1, loner, SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, uint40(_now() + 3 days), CAP));
        uint256 until = _now() + 3 days;
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(1, loner);
        vm.warp(until - 1);
        _settles(true);
        vm.warp(until);
        _refuses(true, IOracleSet.OracleSet_Expired.selector);
        _settles(false);
    }

    function test_AnySetCanBeRemovedAmongSeveral() public {
        address[] memory third = new address[](1);
        third[0] = owner;
        _propose(1, third);
        _activateLoner();
        ledger.activateSet(1, third);
        _remove(lonely);
        vm.prank(guardian);
        ledger.pause();
        _refuses(true, IOracleSet.OracleSet_NotActive.selector);
        _refuses(false, IRoles.Roles_Paused.selector);
        vm.prank(admin);
        ledger.unpause();
        _refuses(true, IOracleSet.OracleSet_NotActive.selector);
        _settles(false);
    }

    function test_APauseStopsEverySet() public {
        _propose(1, loner);
        vm.warp(_now() + SET_DELAY);
        vm.expectEmit(address(ledger));
        emit IRoles.Paused(guardian);
        vm.prank(guardian);
        ledger.pause();
        ledger.activateSet(1, loner);
        vm.assertTrue(ledger.paused() && ledger.sets(lonely).active, "active, but for the pause");
        _refuses(false, IRoles.Roles_Paused.selector);
        _refuses(true, IRoles.Roles_Paused.selector);

        vm.expectEmit(address(ledger));
        emit IRoles.Unpaused(admin);
        vm.prank(admin);
        ledger.unpause();
        _settles(false);
        _settles(true);
    }

    function test_ASetRemovedWhilePausedDoesNotComeBack() public {
        _activateLoner();
        vm.prank(guardian);
        ledger.pause();
        _remove(set);
        vm.prank(admin);
        ledger.unpause();
        _refuses(false, IOracleSet.OracleSet_NotActive.selector);
        _settles(true);
    }
}
