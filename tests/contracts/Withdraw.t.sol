// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue} from "../../contracts/interfaces/ICatalogue.sol";
import {INodes} from "../../contracts/interfaces/INodes.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {Attestation} from "../../contracts/interfaces/IRoyaltyLedger.sol";
import {Odd} from "./support/Odd.sol";
import {vm} from "./support/Vm.sol";

/// @notice Money out to holders and nodes. See Withdraw.tree.
contract WithdrawTest is Odd {
    function test_RefusedForAnUnknownRecording() public {
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownRecording.selector, 9));
        ledger.withdraw(9);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownRecording.selector, 0));
        ledger.withdraw(0);
    }

    function test_RefusedWhenNothingIsParked() public {
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, ANN));
        ledger.withdrawParked(ANN);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NoReceiver.selector));
        ledger.withdrawParkedTo(address(0));
    }

    function test_NothingDueMovesNothing() public {
        uint32 recording = _register();
        vm.recordLogs();
        vm.assertEq(ledger.withdraw(recording), 0, "amount");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
    }

    function test_PaysTheOwnerWhoeverAsksEvenWhilePaused() public {
        uint32 recording = _register();
        uint256 due = _earn(recording, 0);
        vm.prank(guardian);
        ledger.pause();

        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(recording, owner, due);
        vm.assertEq(ledger.withdraw(recording), due, "amount");
        vm.assertEq(token.balanceOf(owner), due, "paid");
        vm.assertEq(ledger.withdraw(recording), 0, "twice");
        vm.assertEq(ledger.recordings(recording).consentUntil, type(uint32).max, "consent");
    }

    function testFuzz_PartsSumToTheAmount(uint256 price, uint32 ann, uint32 bob) public {
        ann = uint32(_bound(ann, 1, 999_998));
        bob = uint32(_bound(bob, 1, 999_999 - ann));
        uint32 recording = _three(ann, bob, 1_000_000 - ann - bob);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        (given.price, given.nodeFee) = (_bound(price, 0, 2e6), 0);
        _settle(_order(0), given);
        uint256 due = ledger.recordings(recording).unclaimed;

        ledger.withdraw(recording);
        uint256 upToBob = due * (uint256(ann) + bob) / 1e6;
        vm.assertEq(token.balanceOf(ANN), due * ann / 1e6, "ann");
        vm.assertEq(token.balanceOf(BOB), upToBob - due * ann / 1e6, "bob");
        vm.assertEq(token.balanceOf(CEM), due - upToBob, "cem");
    }

    function test_APartOfZeroMovesNothing() public {
        uint32 recording = _three(1, 1, 999_998);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        (given.price, given.nodeFee) = (10, 0);
        _settle(_order(0), given);
        vm.recordLogs();
        ledger.withdraw(recording);
        vm.assertEq(vm.getRecordedLogs().length, 2, "one payment, one transfer");
        vm.assertEq(token.balanceOf(CEM), 10, "cem");
    }

    function test_PaysManyEachOnce() public {
        (uint32 one, uint32 two) = (_register(), _register());
        uint256 due = _earn(one, 0) + _earn(two, 1);
        uint32[] memory ids = new uint32[](3);
        (ids[0], ids[1], ids[2]) = (two, one, two);
        vm.assertEq(ledger.withdrawMany(ids), due, "amount");
        vm.assertEq(token.balanceOf(owner), due, "paid");
    }

    function test_ANodeWithdrawsItsFeesOnce() public {
        uint32 recording = _register();
        _earn(recording, 0);
        _earn(recording, 1);
        vm.expectEmit(address(ledger));
        emit INodes.NodeWithdrawn(node, 2 * NODE_FEE);
        vm.assertEq(ledger.withdrawNode(node), 2 * NODE_FEE, "amount");
        vm.assertEq(token.balanceOf(node), 2 * NODE_FEE, "paid");
        vm.assertEq(ledger.withdrawNode(node), 0, "twice");
        vm.assertEq(ledger.isNodeAllowed(node), true, "allowed");
    }

    function test_ANodeThatIsNoLongerAllowedKeepsWhatItEarned() public {
        _earn(_register(), 0);
        vm.prank(admin);
        ledger.allowNode(node, false);
        vm.assertEq(ledger.nodeBalance(node), NODE_FEE, "balance");
        vm.assertEq(ledger.withdrawNode(node), NODE_FEE, "amount");
        vm.assertEq(ledger.isNodeAllowed(node), false, "allowed");
    }
}
