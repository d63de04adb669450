// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallets.sol";

/// @notice Orders of payers that are contracts (ERC-1271). See Signatures.tree.
contract ContractPayersTest is Base {
    uint256 private constant SIGNATURE_GAS = 200_000;

    Wallet internal wallet;
    Order internal order;
    Attestation internal given;
    Quorum internal quorum;

    function setUp() public override {
        super.setUp();
        wallet = new Wallet();
        _fund(address(wallet), ESCROW);
        order = _order(0);
        order.payer = address(wallet);
        given = _attestation(_entry(_register(), 1e6));
        quorum = _quorum(order, given);
    }

    function _refuseManner(Wallet.Manner manner) internal {
        wallet.set(manner);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, address(wallet)));
        ledger.settle(order, "any", given, quorum);
    }

    function test_RefusedUnlessTheWalletAccepts() public {
        _refuseManner(Wallet.Manner.REFUSE);
        _refuseManner(Wallet.Manner.REVERT);
        _refuseManner(Wallet.Manner.NOTHING);
        _refuseManner(Wallet.Manner.SHORT);
    }

    function test_AWalletBurnsNoMoreThanItsCap() public {
        uint256 before = gasleft();
        _refuseManner(Wallet.Manner.BURN);
        uint256 burnt = before - gasleft();
        vm.assertTrue(burnt > SIGNATURE_GAS && burnt < SIGNATURE_GAS + 120_000, "gas");
    }

    function test_RefusedWhenTooLittleGasIsLeftForTheWallet() public {
        bytes memory call = abi.encodeCall(IRoyaltyLedger.settle, (order, "any", given, quorum));
        (bool ok, bytes memory reason) = address(ledger).call{gas: 210_000}(call);
        vm.assertTrue(!ok, "settled");
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IRoyaltyLedger.Settlement_GasForSignature.selector), "reason");
    }

    /// @dev An account without code is not called, so the call needs no gas for it.
    function test_APayerWithoutCodeIsRefusedWithLittleGas() public {
        order.payer = owner;
        Quorum memory other = _quorum(order, given);
        bytes memory call = abi.encodeCall(IRoyaltyLedger.settle, (order, "any", given, other));
        (bool ok, bytes memory reason) = address(ledger).call{gas: 150_000}(call);
        vm.assertTrue(!ok, "settled");
        vm.assertEq(reason, abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, owner), "reason");
    }

    function test_ALongAnswerCostsNoMoreThanAShortOne() public {
        uint256 state = vm.snapshotState();
        uint256 before = gasleft();
        ledger.settle(order, "any", given, quorum);
        uint256 short = before - gasleft();
        vm.revertToState(state);

        wallet.set(Wallet.Manner.LONG);
        before = gasleft();
        ledger.settle(order, "any", given, quorum);
        // The wallet pays for its own long answer; the ledger copies none of it.
        vm.assertTrue(before - gasleft() < short + 10_000, "gas");
    }

    function test_SettlesWhenTheWalletAccepts() public {
        ledger.settle(order, "any", given, quorum);
        vm.assertEq(ledger.accounts(address(wallet)).escrow, ESCROW - PRICE, "escrow");
    }

    function test_AKeyWithCodeMaySignItself() public {
        // An ordinary account that has delegated to a contract keeps its key.
        vm.etch(payer, address(wallet).code);
        Order memory own = _order(0);
        _settle(own, given);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "escrow");
    }
}
