// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet, SetView} from "../../contracts/interfaces/IOracleSet.sol";
import {IRoles} from "../../contracts/interfaces/IRoles.sol";
import {Attestation, Order, Quorum} from "../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// @notice Sets of oracles, their rotation, and the pause. See OracleSet.tree.
contract OracleSetTest is Base {
    uint256 private constant LONER = 555;

    uint32 internal recording;
    uint256 internal nonce;
    address[] internal loner;
    bytes32 internal lonely;

    function setUp() public override {
        super.setUp();
        recording = _register();
        loner.push(vm.addr(LONER));
        lonely = keccak256(abi.encode(1, loner));
    }

    function _propose(uint256 threshold, address[] memory given) internal returns (bytes32) {
        vm.prank(admin);
        return ledger.proposeSet(threshold, given, PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL);
    }

    function _refuseSet(uint256 threshold, address[] memory given, bytes memory reason) internal {
        vm.prank(admin);
        vm.expectRevert(reason);
        ledger.proposeSet(threshold, given, PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL);
    }

    function _remove(bytes32 which) internal {
        vm.prank(guardian);
        ledger.removeSet(which);
    }

    function _lonelyQuorum(Order memory order, Attestation memory given) internal view returns (Quorum memory) {
        bytes32 digest = _digest(_attestationHash(given, lonely, _orderHash(order)));
        return Quorum(1, loner, _sign(LONER, digest));
    }

    function _trySettle(bool alone) internal returns (bytes4 refusal) {
        Order memory order = _order(nonce);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        Quorum memory quorum = alone ? _lonelyQuorum(order, given) : _quorum(order, given);
        try ledger.settle(order, _signOrder(order), given, quorum) {
            nonce++;
        } catch (bytes memory reason) {
            refusal = bytes4(reason);
        }
    }

    function _settles(bool alone) internal {
        vm.assertEq(bytes32(_trySettle(alone)), bytes32(0), "refused");
    }

    function _refuses(bool alone, bytes4 reason) internal {
        vm.assertEq(bytes32(_trySettle(alone)), bytes32(reason), "refusal");
    }

    function test_OnlyTheAdmin() public {
        bytes memory reason = abi.encodeWithSelector(IRoles.Roles_NotAdmin.selector, guardian);
        vm.startPrank(guardian);
        vm.expectRevert(reason);
        ledger.installFirstSet(1, loner, 0, 0, SET_UNTIL);
        vm.expectRevert(reason);
        ledger.proposeSet(1, loner, 0, 0, SET_UNTIL);
        vm.expectRevert(reason);
        ledger.allowNode(owner, true);
        vm.expectRevert(reason);
        ledger.unpause();
        vm.expectRevert(reason);
        ledger.setGuardian(owner);
    }

    function test_OnlyTheGuardian() public {
        bytes memory reason = abi.encodeWithSelector(IRoles.Roles_NotGuardian.selector, admin);
        vm.startPrank(admin);
        vm.expectRevert(reason);
        ledger.pause();
        vm.expectRevert(reason);
        ledger.removeSet(set);
    }

    function test_TheAdminReplacesTheGuardian() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(IRoles.Roles_NoAddress.selector));
        ledger.setGuardian(address(0));
        ledger.setGuardian(owner);
        vm.stopPrank();
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IRoles.Roles_NotGuardian.selector, guardian));
        ledger.pause();
        vm.prank(owner);
        ledger.pause();
    }

    function test_RefusedWithABadThreshold() public {
        bytes4 bad = IOracleSet.OracleSet_BadThreshold.selector;
        _refuseSet(0, loner, abi.encodeWithSelector(bad, 0, 1));
        _refuseSet(2, loner, abi.encodeWithSelector(bad, 2, 1));
        _refuseSet(0, new address[](0), abi.encodeWithSelector(bad, 0, 0));
    }

    function test_RefusedWithBadSigners() public {
        bytes4 bad = IOracleSet.OracleSet_SignersNotAscending.selector;
        address[] memory two = new address[](2);
        two[1] = owner;
        _refuseSet(1, two, abi.encodeWithSelector(bad, address(0), address(0)));
        two[0] = owner;
        _refuseSet(1, two, abi.encodeWithSelector(bad, owner, owner));
        address[] memory many = new address[](65);
        _refuseSet(1, many, abi.encodeWithSelector(IOracleSet.OracleSet_TooManySigners.selector, 65, 64));
    }

    function test_RefusedWithFeesAboveHalf() public {
        bytes4 bad = IOracleSet.OracleSet_FeesTooHigh.selector;
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(bad, 4_001, 1_000, 5_000));
        ledger.proposeSet(1, loner, 4_001, 1_000, SET_UNTIL);
        ledger.proposeSet(1, loner, 4_000, 1_000, SET_UNTIL);
    }

    function test_RefusedWhenOverBeforeItIsActive() public {
        uint256 from = _now() + ledger.SET_DELAY();
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_AlreadyOver.selector, from, from));
        ledger.proposeSet(1, loner, 0, 0, uint64(from));
    }

    function test_RefusedToInstallTwice() public {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_FirstSetInstalled.selector));
        ledger.installFirstSet(1, loner, 0, 0, SET_UNTIL);
    }

    function test_RefusedWhenKnown() public {
        _refuseSet(2, signers, abi.encodeWithSelector(IOracleSet.OracleSet_AlreadyKnown.selector, set));
        _propose(1, loner);
        _refuseSet(1, loner, abi.encodeWithSelector(IOracleSet.OracleSet_AlreadyKnown.selector, lonely));
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_Unknown.selector, bytes32(uint256(1))));
        ledger.removeSet(bytes32(uint256(1)));
    }

    function test_AProposedSetWaits() public {
        vm.expectEmit(address(ledger));
        emit IOracleSet.SetProposed(lonely, 1, loner, PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL);
        vm.assertEq(_propose(1, loner), lonely, "set");
        uint256 from = _now() + ledger.SET_DELAY();
        _refuses(true, IOracleSet.OracleSet_NotActive.selector);
        vm.assertEq(ledger.sets(lonely).active, false, "active");

        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_TooEarly.selector, from, from - 1));
        ledger.activateSet(1, loner);
    }

    function test_AVetoedSetIsNotActivated() public {
        _propose(1, loner);
        _remove(lonely);
        vm.warp(_now() + ledger.SET_DELAY());
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_NotProposed.selector, lonely));
        ledger.activateSet(1, loner);
    }

    function test_AnyoneActivatesAndBothSetsSettle() public {
        _propose(1, loner);
        vm.warp(_now() + ledger.SET_DELAY());
        vm.expectEmit(address(ledger));
        emit IOracleSet.SetActivated(lonely, 1, loner, PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL);
        ledger.activateSet(1, loner);
        _settles(true);
        _settles(false);

        SetView memory seen = ledger.sets(lonely);
        vm.assertTrue(seen.active && seen.until == SET_UNTIL, "view");
        vm.assertTrue(seen.protocolBps == PROTOCOL_BPS && seen.nodeCapBps == NODE_CAP_BPS, "fees");
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_NotProposed.selector, lonely));
        ledger.activateSet(1, loner);
    }

    function test_ARemovedSetSettlesNoMore() public {
        vm.expectEmit(address(ledger));
        emit IOracleSet.SetRemoved(set);
        _remove(set);
        _refuses(false, IOracleSet.OracleSet_NotActive.selector);

        _propose(2, signers);
        vm.warp(_now() + ledger.SET_DELAY());
        _refuses(false, IOracleSet.OracleSet_NotActive.selector);
        ledger.activateSet(2, signers);
        _settles(false);
    }

    function test_RefusedBeyondEightActive() public {
        address[] memory one = new address[](1);
        for (uint160 i = 1; i <= 8; i++) {
            one[0] = address(i);
            _propose(1, one);
        }
        vm.warp(_now() + ledger.SET_DELAY());
        for (uint160 i = 1; i <= 7; i++) {
            one[0] = address(i);
            ledger.activateSet(1, one);
        }
        one[0] = address(uint160(8));
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_TooManySets.selector, 8));
        ledger.activateSet(1, one);
        _remove(set);
        ledger.activateSet(1, one);
    }

    function test_APauseStopsEverySet() public {
        _propose(1, loner);
        vm.warp(_now() + ledger.SET_DELAY());
        vm.prank(guardian);
        ledger.pause();
        ledger.activateSet(1, loner);
        vm.assertTrue(ledger.paused() && ledger.sets(lonely).active, "active, but for the pause");
        _refuses(false, IRoles.Roles_Paused.selector);
        _refuses(true, IRoles.Roles_Paused.selector);

        vm.prank(admin);
        ledger.unpause();
        _settles(false);
        _settles(true);
    }

    function test_ASetRemovedWhilePausedDoesNotComeBack() public {
        _propose(1, loner);
        vm.warp(_now() + ledger.SET_DELAY());
        ledger.activateSet(1, loner);
        vm.prank(guardian);
        ledger.pause();
        _remove(set);
        vm.prank(admin);
        ledger.unpause();
        _refuses(false, IOracleSet.OracleSet_NotActive.selector);
        _settles(true);
    }
}
