// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {IRoles} from "../../contracts/interfaces/IRoles.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

interface IPermit {
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function nonces(address owner) external view returns (uint256);
    function permit(address owner, address to, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
}

/// @notice Payers' money in and out, and the fees held with it. See Escrow.tree.
contract EscrowTest is Base {
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    uint256 private constant HOLDER = 77;

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

    function _permit(uint256 amount) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        address holder = vm.addr(HOLDER);
        uint256 nonce = IPermit(address(token)).nonces(holder);
        bytes32 hash = keccak256(abi.encode(PERMIT, holder, address(ledger), amount, nonce, _now()));
        bytes32 domain = IPermit(address(token)).DOMAIN_SEPARATOR();
        return vm.sign(HOLDER, keccak256(abi.encodePacked(hex"1901", domain, hash)));
    }

    function test_RefusedToFundNobody() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoPayer.selector));
        ledger.fund(address(0), 1);
    }

    function test_RefusedToFundMoreThanAnAccountHolds() public {
        uint256 amount = type(uint64).max - ESCROW + 1;
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_TooMuch.selector, ESCROW, amount));
        ledger.fund(payer, amount);

        ledger.fund(payer, amount - 1);
        vm.assertEq(ledger.accounts(payer).escrow, type(uint64).max, "escrow");
    }

    function test_FundsAnybodysAccount() public {
        token.mint(address(this), 50);
        token.approve(address(ledger), 50);
        vm.expectEmit(address(ledger));
        emit IEscrow.Funded(owner, address(this), 50);
        ledger.fund(owner, 50);
        vm.assertEq(ledger.accounts(owner).escrow, 50, "escrow");
    }

    function test_FundsWithAPermit() public {
        address holder = vm.addr(HOLDER);
        token.mint(holder, 70);
        (uint8 v, bytes32 r, bytes32 s) = _permit(70);
        vm.prank(holder);
        ledger.fundWithPermit(payer, 70, _now(), v, r, s);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW + 70, "escrow");
    }

    function test_FundsWithAPermitSentAhead() public {
        address holder = vm.addr(HOLDER);
        token.mint(holder, 70);
        (uint8 v, bytes32 r, bytes32 s) = _permit(70);
        IPermit(address(token)).permit(holder, address(ledger), 70, _now(), v, r, s);
        vm.prank(holder);
        ledger.fundWithPermit(payer, 70, _now(), v, r, s);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW + 70, "escrow");
    }

    function test_RefusedToLeaveWithoutARequest() public {
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
        ledger.cancelExit();
    }

    function test_RefusedToLeaveTooEarly() public {
        uint256 asked = _now();
        uint256 from = _exitRequested();
        vm.assertTrue(from > asked + MAX_LAG, "longer than maxLag");
        vm.warp(from - 1);
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_ExitTooEarly.selector, from, from - 1));
    }

    function test_RefusedToLeaveOnALapsedRequest() public {
        uint256 from = _exitRequested();
        vm.warp(from + ledger.EXIT_WINDOW());
        vm.assertEq(ledger.exitTime(payer), 0, "lapsed");
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
    }

    function test_RefusedToLeaveOnACancelledRequest() public {
        uint256 from = _exitRequested();
        vm.prank(payer);
        ledger.cancelExit();
        vm.warp(from);
        _exitRefused(abi.encodeWithSelector(IEscrow.Escrow_NoExit.selector));
    }

    function test_LeavesWithTheWholeEscrowOnce() public {
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

    function test_WhatWasOrderedBeforeTheRequestStillSettles() public {
        uint32 recording = _register();
        uint256 made = _now();
        uint256 from = _exitRequested();
        vm.warp(made + MAX_LAG);
        vm.assertTrue(_now() < from, "before the exit");
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
    }

    function test_LeavingKeepsNoncesAndFees() public {
        _settle(_order(9), _attestation(_entry(_register(), 1e6)));
        uint256 fees = ledger.accounts(payer).protocolFees;
        vm.warp(_exitRequested());
        vm.prank(payer);
        ledger.exit();
        vm.assertEq(ledger.accounts(payer).nextNonce, 10, "nonce");
        vm.assertEq(ledger.accounts(payer).protocolFees, fees, "fees");
    }

    function test_RefusedToSetReceivers() public {
        vm.expectRevert(abi.encodeWithSelector(IRoles.Roles_NotAdmin.selector, address(this)));
        ledger.setReceivers(owner, owner);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoReceivers.selector));
        ledger.setReceivers(owner, address(0));
    }

    function test_RefusedToSweepWithoutReceivers() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoReceivers.selector));
        ledger.sweep(new address[](0));
    }

    function test_SweepsOnce() public {
        bytes memory entries = bytes.concat(_entry(0, 500_000), _entry(_register(), 500_000));
        _settle(_order(0), _attestation(entries));
        uint256 fees = ledger.accounts(payer).protocolFees;
        uint256 pool = ledger.accounts(payer).pool;
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE), address(0xB00));

        address[] memory payers = new address[](2);
        (payers[0], payers[1]) = (payer, payer);
        vm.expectEmit(address(ledger));
        emit IEscrow.Swept(payer, fees, pool);
        ledger.sweep(payers);
        vm.assertEq(token.balanceOf(address(0xFEE)), fees, "fees");
        vm.assertEq(token.balanceOf(address(0xB00)), pool, "pool");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "escrow");
        vm.assertEq(ledger.accounts(payer).nextNonce, 1, "nonce");
    }
}
