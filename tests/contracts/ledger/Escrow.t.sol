// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";

/// @notice Returns the payers' money. See Escrow.tree.
contract EscrowTest is Base {
    function _exitRequested() internal returns (uint256 from) {
        vm.prank(payer);
        ledger.requestExit();
        return ledger.exitTime(payer);
    }

    function _exitRefused(bytes memory reason) internal {
        vm.prank(payer);
        vm.expectRevert(reason);
        ledger.exit();
    }

    function test_RefusedToLeaveWithoutARequest() public {
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
        ledger.cancelExit();
    }

    function test_RefusedToLeaveTooEarly() public {
        uint256 asked = _now();
        uint256 from = asked + MAX_LAG + 1 days;
        vm.expectEmit(address(ledger));
        emit IEscrow.ExitRequested(payer, from, from + 7 days);
        vm.assertEq(_exitRequested(), from, "time");
        vm.assertEq(ledger.EXIT_DELAY(), MAX_LAG + 1 days, "longer than maxLag");
        vm.warp(from - 1);
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_ExitTooEarly.selector, from, from - 1));
    }

    function test_RefusedToLeaveOnALapsedRequest() public {
        uint256 from = _exitRequested();
        vm.warp(from + ledger.EXIT_WINDOW() - 1);
        vm.assertEq(ledger.exitTime(payer), from, "stands");
        vm.warp(from + ledger.EXIT_WINDOW());
        vm.assertEq(ledger.exitTime(payer), 0, "lapsed");
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
    }

    function test_RefusedToLeaveOnACancelledRequest() public {
        uint256 from = _exitRequested();
        vm.expectEmit(address(ledger));
        emit IEscrow.ExitCancelled(payer);
        vm.prank(payer);
        ledger.cancelExit();
        vm.assertEq(ledger.exitTime(payer), 0, "cancelled");
        vm.warp(from);
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
    }

    function test_AnotherRequestRestartsTheDelay() public {
        _exitRequested();
        vm.warp(_now() + 1 days);
        vm.assertEq(_exitRequested(), _now() + ledger.EXIT_DELAY(), "time");
    }

    function test_ARequestIsOnlyForItsPayer() public {
        vm.prank(owner);
        ledger.requestExit();
        vm.assertEq(ledger.exitTime(payer), 0, "of the payer");
        vm.warp(ledger.exitTime(owner));
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
    }

    function test_LeavesWithTheWholeEscrowOnceEvenWhilePaused() public {
        vm.warp(_exitRequested());
        vm.prank(guardian);
        ledger.pause();

        vm.expectEmit(address(ledger));
        emit IEscrow.Exited(payer, ESCROW);
        vm.prank(payer);
        vm.assertEq(ledger.exit(), ESCROW, "amount");
        vm.assertEq(token.balanceOf(payer), ESCROW, "paid");
        vm.assertEq(ledger.accounts(payer).escrow, 0, "escrow");
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
    }

    function test_AnEmptyEscrowCausesNoTransfer() public {
        vm.prank(owner);
        ledger.requestExit();
        vm.warp(ledger.exitTime(owner));
        vm.recordLogs();
        vm.prank(owner);
        vm.assertEq(ledger.exit(), 0, "amount");
        vm.assertEq(vm.getRecordedLogs().length, 1, "only that it left");
        vm.assertEq(ledger.exitTime(owner), 0, "done");
    }

    function test_WhatWasOrderedBeforeTheRequestStillSettles() public {
        uint256 made = _now();
        uint32 recording = _register();
        uint256 from = _exitRequested();
        vm.warp(made + MAX_LAG);
        vm.assertTrue(_now() < from, "before the exit");
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
    }

    function test_LeavingKeepsNoncesFeesAndPool() public {
        bytes memory entries = bytes.concat(_entry(0, 400_000), _entry(_register(), 600_000));
        _settle(_order(9), _attestation(entries));
        uint256 fees = ledger.accounts(payer).protocolFees;
        uint256 pool = ledger.accounts(payer).pool;
        vm.assertTrue(fees != 0 && pool != 0, "held");
        vm.warp(_exitRequested());
        vm.prank(payer);
        ledger.exit();
        vm.assertEq(ledger.accounts(payer).nextNonce, 10, "nonce");
        vm.assertEq(ledger.isNonceUsed(payer, 9), true, "used");
        vm.assertEq(ledger.accounts(payer).protocolFees, fees, "fees");
        vm.assertEq(ledger.accounts(payer).pool, pool, "pool");
    }

    function test_ParksTheEscrowOfAPayerWhomTheTokenRefuses() public {
        _deploy(address(new BlockingToken()));
        _fund(payer, ESCROW);
        BlockingToken(address(token)).block_(payer, BlockingToken.Manner.REVERT);
        vm.warp(_exitRequested());
        vm.expectEmit(address(ledger));
        emit IEscrow.Exited(payer, ESCROW);
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(payer, ESCROW);
        vm.prank(payer);
        vm.assertEq(ledger.exit(), ESCROW, "amount");
        vm.assertEq(ledger.parked(payer), ESCROW, "parked");

        vm.expectEmit(address(ledger));
        emit IPayouts.ParkedWithdrawn(payer, owner, ESCROW);
        vm.prank(payer);
        ledger.withdrawTo(owner);
        vm.assertEq(token.balanceOf(owner), ESCROW, "elsewhere");
    }
}
