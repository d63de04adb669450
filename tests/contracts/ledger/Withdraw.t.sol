// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Attestation} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";

/// @notice Money out of one recording. See Withdraw.tree.
contract WithdrawTest is Odd {
    function test_AnUnknownRecordingPaysNothing() public {
        vm.recordLogs();
        vm.assertEq(ledger.withdraw(9), 0, "unknown");
        vm.assertEq(ledger.withdraw(0), 0, "pool without a receiver");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
    }

    function test_AnIdBeyondAllPaysNothing() public {
        uint32 recording = _register();
        uint256 due = _earn(recording, 0);
        vm.assertEq(ledger.withdraw((1 << 32) + uint256(recording)), 0, "beyond");
        vm.assertEq(ledger.withdraw(type(uint256).max), 0, "far beyond");
        vm.assertEq(ledger.recordings(recording).unclaimed, due, "untouched");
    }

    function test_TheLastIdOfAllIsPaid() public {
        uint256 recording = _register();
        uint256 due = _earn(uint32(recording), 0);
        uint256 last = type(uint32).max;
        for (uint256 array = 0; array < 2; array++) {
            bytes32 word = vm.load(address(ledger), bytes32((array << 32) + recording));
            vm.store(address(ledger), bytes32((array << 32) + last), word);
        }
        vm.assertEq(ledger.withdraw(last), due, "amount");
        vm.assertEq(token.balanceOf(owner), due, "paid");
    }

    // The slot of the first recording's word; the one before it is the pool's.
    function _slot() internal view returns (uint256 slot) {
        while (uint256(vm.load(address(ledger), bytes32(slot))) >> 168 == 0) slot++;
    }

    function test_WritesNothingIfNothingIsDue() public {
        uint32 recording = _register();
        bytes32 word = vm.load(address(ledger), bytes32(_slot()));
        vm.warp(_now() + 3 * WINDOW);
        ledger.withdraw(recording);
        vm.assertEq(vm.load(address(ledger), bytes32(_slot())), word, "word");
    }

    function test_WhatThePoolHasStaysWhileNobodyReceivesIt() public {
        _register();
        vm.store(address(ledger), bytes32(_slot() - 1), bytes32(uint256(100)));
        uint32[] memory ids = new uint32[](1);
        vm.assertEq(ledger.withdraw(0) + ledger.withdrawMany(ids), 0, "paid");
        vm.assertEq(ledger.recordings(0).unclaimed, 100, "there");
    }

    function test_ThePoolIsPaidToItsReceiver() public {
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE), address(0xB00));
        _settle(_order(0), _attestation(_entry(0, 1e6)));
        address[] memory payers = new address[](1);
        payers[0] = payer;
        ledger.sweep(payers);
        _mature();
        uint256 due = ledger.recordings(0).unclaimed;
        vm.assertEq(ledger.withdraw(0), due, "amount");
        vm.assertEq(token.balanceOf(address(0xB00)), due, "paid");
    }

    function test_MovesNothingIfNothingIsDue() public {
        uint32 recording = _register();
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
        vm.recordLogs();
        vm.assertEq(ledger.withdraw(recording), 0, "amount");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
    }

    function test_ACreditCanBeWithdrawnFromTheSecondEpochOn() public {
        uint32 recording = _register();
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
        uint256 earned = ledger.recordings(recording).disputable;
        vm.warp((_now() / WINDOW + 2) * WINDOW - 1);
        vm.assertEq(ledger.withdraw(recording), 0, "too early");
        vm.assertEq(ledger.recordings(recording).disputable, earned, "open to dispute");
        vm.warp(_now() + 1);
        vm.assertEq(ledger.withdraw(recording), earned, "due");
    }

    function test_WithdrawingLeavesWhatIsDisputable() public {
        uint32 recording = _register();
        uint256 due = _earn(recording, 0);
        _settle(_order(1), _attestation(_entry(recording, 1e6)));
        uint256 open = ledger.recordings(recording).disputable;
        vm.assertEq(ledger.withdraw(recording), due, "amount");
        vm.assertEq(ledger.recordings(recording).disputable, open, "disputable");
        vm.assertEq(ledger.recordings(recording).unclaimed, 0, "unclaimed");
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
        _mature();
        uint256 due = ledger.recordings(recording).unclaimed;

        vm.assertEq(ledger.withdraw(recording), due, "amount");
        uint256 paid = token.balanceOf(ANN) + token.balanceOf(BOB) + token.balanceOf(CEM);
        vm.assertEq(paid, due, "sum");
        vm.assertEq(ledger.recordings(recording).unclaimed, 0, "left");
    }

    function test_SaysWhatEveryHolderGot() public {
        uint32 recording = _three(250_000, 250_000, 500_000);
        uint256 due = _earn(recording, 0);
        uint256 quarter = due / 4;
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(recording, ANN, quarter);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(recording, BOB, due / 2 - quarter);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(recording, CEM, due - due / 2);
        ledger.withdraw(recording);
    }

    function test_APartOfZeroMovesNothing() public {
        uint32 recording = _three(1, 1, 999_998);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        (given.price, given.nodeFee) = (10, 0);
        _settle(_order(0), given);
        _mature();
        vm.recordLogs();
        ledger.withdraw(recording);
        vm.assertEq(vm.getRecordedLogs().length, 2, "one payment, one transfer");
        vm.assertEq(token.balanceOf(CEM), 10, "cem");
    }
}
