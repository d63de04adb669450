// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";

/// @notice Who may call what, and what nobody can stop. See Roles.tree.
contract RolesTest is Odd {
    uint256 private constant DELAY = 48 hours;
    address private constant PROPOSER = address(0x9909);

    TimelockController internal timelock;

    function setUp() public override {
        super.setUp();
        address[] memory who = new address[](1);
        who[0] = PROPOSER;
        bytes memory arguments = abi.encode(DELAY, who, who, address(0));
        timelock = TimelockController(payable(vm.deployCode("TimelockController.sol:TimelockController", arguments)));
    }

    function _handOver() internal {
        vm.startPrank(admin);
        authority.grantRole(0, address(timelock), 0);
        authority.renounceRole(0, admin);
        vm.stopPrank();
    }

    function _refuse(address who, bytes memory call) internal {
        vm.prank(who);
        (bool ok, bytes memory reason) = address(ledger).call(call);
        bytes4 bad = IAccessManaged.AccessManagedUnauthorized.selector;
        vm.assertEq(ok, false, "done");
        vm.assertEq(reason, abi.encodeWithSelector(bad, who), "reason");
    }

    function _refuseAllBut(uint256 which, bytes memory call) internal {
        address[5] memory all = [admin, guardian, court, payer, owner];
        for (uint256 i = 0; i < all.length; i++) {
            if (i != which) _refuse(all[i], call);
        }
    }

    function test_OnlyTheAdmin() public {
        _refuseAllBut(0, abi.encodeCall(IOracleSet.installFirstSet, (2, signers, _setTerms())));
        _refuseAllBut(0, abi.encodeCall(IOracleSet.proposeSet, (2, signers, _setTerms())));
        _refuseAllBut(0, abi.encodeCall(INodes.allowNode, (owner, true)));
        _refuseAllBut(0, abi.encodeCall(IEscrow.setReceivers, (owner, owner)));
        _refuseAllBut(0, abi.encodeCall(IRoles.unpause, ()));
    }

    function test_OnlyTheGuardian() public {
        _refuseAllBut(1, abi.encodeCall(IRoles.pause, ()));
        _refuseAllBut(1, abi.encodeCall(IOracleSet.removeSet, (set)));
    }

    function test_OnlyTheCourt() public {
        Order memory order = _order(0);
        Attestation memory given = _attestation(_entry(1, 1e6));
        _refuseAllBut(2, abi.encodeCall(IDisputes.freeze, (order, given, set)));
        _refuseAllBut(2, abi.encodeCall(IDisputes.release, (order, given, set, true)));
    }

    function test_OnlyTheAuthorityNamesAnotherAuthority() public {
        _refuseAllBut(9, abi.encodeCall(IAccessManaged.setAuthority, (owner)));
        vm.prank(admin);
        authority.updateAuthority(address(ledger), address(timelock));
        vm.assertEq(ledger.authority(), address(timelock), "authority");
    }

    function test_ARoleCanBeRevokedAndGranted() public {
        vm.startPrank(admin);
        authority.revokeRole(GUARDIAN, guardian);
        authority.grantRole(GUARDIAN, owner, 0);
        vm.stopPrank();
        _refuse(guardian, abi.encodeCall(IRoles.pause, ()));
        vm.prank(owner);
        ledger.pause();
    }

    function test_ATimelockNeedsItsDelay() public {
        _handOver();
        bytes memory call = abi.encodeCall(INodes.allowNode, (owner, true));
        _refuse(admin, call);
        _refuse(PROPOSER, call);

        vm.startPrank(PROPOSER);
        bytes4 bad = TimelockController.TimelockInsufficientDelay.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, DELAY - 1, DELAY));
        timelock.schedule(address(ledger), 0, call, 0, 0, DELAY - 1);
        timelock.schedule(address(ledger), 0, call, 0, 0, DELAY);
        vm.warp(_now() + DELAY - 1);
        vm.expectRevert();
        timelock.execute(address(ledger), 0, call, 0, 0);
        vm.assertEq(ledger.isNodeAllowed(owner), false, "too early");

        vm.warp(_now() + 1);
        timelock.execute(address(ledger), 0, call, 0, 0);
        vm.assertEq(ledger.isNodeAllowed(owner), true, "allowed");
    }

    function test_UnderATimelockTheGuardianStillActsAtOnce() public {
        _handOver();
        vm.startPrank(guardian);
        ledger.pause();
        ledger.removeSet(set);
        vm.stopPrank();
        _refuse(guardian, abi.encodeCall(IRoles.unpause, ()));
        vm.assertTrue(ledger.paused(), "paused");
    }

    function test_UnderATimelockRolesNeedTheDelayToo() public {
        _handOver();
        vm.prank(admin);
        vm.expectRevert();
        authority.grantRole(COURT, admin, 0);
        vm.prank(PROPOSER);
        vm.expectRevert();
        authority.grantRole(COURT, PROPOSER, 0);
    }

    /// @dev A set waits for its own delay as well: a stolen admin key needs more than two days until its set settles.
    function test_AProposalWaitsForBothDelays() public {
        _handOver();
        bytes memory call = abi.encodeCall(IOracleSet.proposeSet, (1, signers, _setTerms()));
        vm.startPrank(PROPOSER);
        timelock.schedule(address(ledger), 0, call, 0, 0, DELAY);
        vm.warp(_now() + DELAY);
        timelock.execute(address(ledger), 0, call, 0, 0);
        uint256 from = _now() + SET_DELAY;
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_TooEarly.selector, from, _now()));
        ledger.activateSet(1, signers);
    }

    function test_APauseNeverStopsMoneyOut() public {
        uint32 plain = _register();
        _settle(_order(0), _attestation(_entry(plain, 1e6)));
        uint32[] memory ids = new uint32[](1);
        ids[0] = _three(200_000, 300_000, 500_000);
        _settle(_order(1), _attestation(_entry(ids[0], 1e6)));
        _mature();
        vm.prank(guardian);
        ledger.pause();

        vm.assertTrue(ledger.withdraw(plain) != 0, "withdraw");
        vm.assertTrue(ledger.withdrawMany(ids) != 0, "withdrawMany");
        vm.assertTrue(ledger.withdrawNode(node) != 0, "withdrawNode");
        vm.startPrank(payer);
        ledger.requestExit();
        vm.warp(_now() + ledger.EXIT_DELAY());
        vm.assertTrue(ledger.exit() != 0, "exit");
        vm.stopPrank();
        vm.startPrank(owner);
        ledger.assign(plain, 0);
        ledger.revoke(plain);
    }
}
