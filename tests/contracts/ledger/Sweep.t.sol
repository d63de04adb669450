// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {AccountView, IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice Moves the protocol fees and the pool's share from the payers' accounts to their receivers. See Sweep.tree.
contract SweepTest is Base {
    address private constant FEES = address(0xFEE);
    address private constant POOL = address(0xB00);

    uint256 private constant MOST = type(uint48).max;

    uint32 internal recording;

    function setUp() public override {
        super.setUp();
        recording = _register();
    }

    function _receivers(address fees, address pool) internal {
        vm.prank(admin);
        ledger.setReceivers(fees, pool);
    }

    // Settles a generation with a share for the pool, and returns what the payer's account then holds.
    function _held(uint256 nonce) internal returns (uint256 fees, uint256 pool) {
        bytes memory entries = bytes.concat(_entry(0, 500_000), _entry(recording, 500_000));
        _settle(_order(nonce), _attestation(entries));
        return (ledger.accounts(payer).protocolFees, ledger.accounts(payer).pool);
    }

    function _sweep() internal {
        address[] memory payers = new address[](1);
        payers[0] = payer;
        ledger.sweep(payers);
    }

    function test_RefusedToSetReceivers() public {
        bytes4 bad = IAccessManaged.AccessManagedUnauthorized.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, address(this)));
        ledger.setReceivers(owner, owner);
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoReceivers.selector));
        ledger.setReceivers(owner, address(0));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoReceivers.selector));
        ledger.setReceivers(address(0), owner);
    }

    function test_SaysWhoTheReceiversAre() public {
        vm.expectEmit(address(ledger));
        emit IEscrow.ReceiversSet(FEES, POOL);
        _receivers(FEES, POOL);
        vm.assertEq(ledger.protocolReceiver(), FEES, "fees");
        vm.assertEq(ledger.poolReceiver(), POOL, "pool");
    }

    function test_RefusedWithoutReceivers() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoReceivers.selector));
        ledger.sweep(new address[](0));
    }

    function test_MovesIntoBucketsOnce() public {
        (uint256 fees, uint256 pool) = _held(0);
        _receivers(FEES, POOL);
        address[] memory payers = new address[](3);
        (payers[0], payers[1], payers[2]) = (owner, payer, payer);
        vm.expectEmit(address(ledger));
        emit IEscrow.Swept(owner, 0, 0);
        vm.expectEmit(address(ledger));
        emit IEscrow.Swept(payer, fees, pool);
        vm.expectEmit(address(ledger));
        emit IEscrow.Swept(payer, 0, 0);
        (uint256 sweptFees, uint256 sweptPool) = ledger.sweep(payers);

        vm.assertTrue(sweptFees == fees && sweptPool == pool, "sums");
        vm.assertEq(ledger.nodeDisputable(FEES), fees, "fees");
        vm.assertEq(ledger.recordings(0).disputable, pool, "pool");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "escrow");
        vm.assertEq(ledger.accounts(payer).protocolFees + ledger.accounts(payer).pool, 0, "held");
        vm.assertEq(ledger.accounts(payer).nextNonce, 1, "nonce");
    }

    function test_WhatWasSweptWaitsForTheWindow() public {
        (uint256 fees, uint256 pool) = _held(0);
        _receivers(FEES, POOL);
        _sweep();
        vm.warp((_now() / WINDOW + 2) * WINDOW - 1);
        ledger.withdraw(0);
        ledger.withdrawNode(FEES);
        vm.assertEq(token.balanceOf(POOL) + token.balanceOf(FEES), 0, "too early");

        vm.warp(_now() + 1);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(0, POOL, pool);
        ledger.withdraw(0);
        vm.expectEmit(address(ledger));
        emit INodes.NodeWithdrawn(FEES, fees);
        ledger.withdrawNode(FEES);
        vm.assertEq(token.balanceOf(POOL), pool, "pool");
        vm.assertEq(token.balanceOf(FEES), fees, "fees");
    }

    function test_OtherReceiversGetWhatWaits() public {
        (uint256 fees, uint256 pool) = _held(0);
        _receivers(FEES, POOL);
        _sweep();
        _receivers(address(0xFE2), address(0xB02));
        _mature();
        uint32[] memory ids = new uint32[](1);
        ledger.withdrawMany(ids);
        vm.assertEq(ledger.withdrawNode(FEES), 0, "the old one's");
        ledger.withdrawNode(address(0xFE2));
        vm.assertEq(token.balanceOf(address(0xB02)), pool, "pool");
        vm.assertEq(token.balanceOf(address(0xFE2)), fees, "fees");
    }

    function test_AReceiverIsNotANode() public {
        _held(0);
        _receivers(FEES, POOL);
        _sweep();
        vm.assertEq(ledger.isNodeAllowed(FEES), false, "allowed");
    }

    function test_RefusedWhenThePoolsBucketCannotHoldIt() public {
        _receivers(FEES, POOL);
        _fund(payer, 1e15);
        _large(0, MOST, 0);
        _sweep();
        _large(1, MOST / 20, 0);
        _refusedToSweepInThisEpoch();
    }

    function test_RefusedWhenTheFeesBucketCannotHoldIt() public {
        _receivers(FEES, POOL);
        _fund(payer, 1e15);
        // Half of the price is the most that a set may take.
        _replaceSet(SetTerms(5_000, 0, SET_UNTIL, CAP));
        _large(0, MOST, recording);
        _sweep();
        _large(1, MOST, _register());
        _sweep();
        _large(2, 100, _register());
        _refusedToSweepInThisEpoch();
    }

    function _large(uint256 nonce, uint256 price, uint256 id) private {
        Order memory order = _order(nonce);
        order.maxPrice = price;
        Attestation memory given = _attestation(_entry(id, 1e6));
        (given.price, given.nodeFee) = (price, 0);
        _settle(order, given);
    }

    function _refusedToSweepInThisEpoch() private {
        AccountView memory held = ledger.accounts(payer);
        bytes4 bad = IEscrow.Escrow_SweepTooMuch.selector;
        address[] memory payers = new address[](1);
        payers[0] = payer;
        vm.expectRevert(abi.encodeWithSelector(bad, held.protocolFees, held.pool));
        ledger.sweep(payers);

        vm.warp(_now() + WINDOW);
        ledger.sweep(payers);
        vm.assertEq(ledger.accounts(payer).pool + ledger.accounts(payer).protocolFees, 0, "next epoch");
    }
}
