// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Kind, Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallets.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";

/// @notice Amounts that could not be paid, and where they go. See Unpaid.tree.
contract UnpaidTest is Odd {
    bytes32 private constant WITHDRAWAL =
        keccak256("Withdrawal(address payee,address to,uint256 nonce,uint256 deadline)");
    bytes32 private constant CLAIM = keccak256("Claim(address holder,address to)");
    uint256 private constant KEY = 4_711;

    address internal payee = vm.addr(KEY);

    function setUp() public override {
        super.setUp();
        _over(address(new BlockingToken()));
    }

    // Parks an amount for `who`, whom the token rejects.
    function _park(address who) internal returns (uint256 amount) {
        uint32 recording = _registerAs(who, _terms());
        BlockingToken(address(token)).block_(who, BlockingToken.Manner.REVERT);
        amount = _earn(recording, ledger.accounts(payer).nextNonce);
        uint256 before = ledger.parked(who);
        ledger.withdraw(recording);
        vm.assertEq(ledger.parked(who), before + amount, "parked");
    }

    function _stated(address who, address to, uint256 nonce, uint256 deadline) internal view returns (bytes32) {
        return _digest(keccak256(abi.encode(WITHDRAWAL, who, to, nonce, deadline)));
    }

    function _refuseSigned(address to, uint256 deadline, bytes memory signature) internal {
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NotSigned.selector, payee));
        ledger.withdrawWithSig(payee, to, deadline, signature);
    }

    function test_RefusedWhenNothingIsParked() public {
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, ANN));
        ledger.withdrawFor(ANN);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, address(this)));
        ledger.withdrawTo(ANN);
    }

    function test_RefusedToPayNobody() public {
        _park(payee);
        vm.prank(payee);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NoReceiver.selector));
        ledger.withdrawTo(address(0));
        bytes memory signature = _sign(KEY, _stated(payee, address(0), 0, _now()));
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NoReceiver.selector));
        ledger.withdrawWithSig(payee, address(0), _now(), signature);
    }

    function test_RefusedWhileTheTokenStillRefuses() public {
        uint256 amount = _park(payee);
        vm.expectRevert();
        ledger.withdrawFor(payee);
        vm.assertEq(ledger.parked(payee), amount, "still parked");
    }

    function test_AnyoneSendsAParkedAmountToThePayee() public {
        uint256 amount = _park(payee);
        BlockingToken(address(token)).block_(payee, BlockingToken.Manner.NONE);
        vm.expectEmit(address(ledger));
        emit IPayouts.ParkedWithdrawn(payee, payee, amount);
        vm.assertEq(ledger.withdrawFor(payee), amount, "amount");
        vm.assertEq(token.balanceOf(payee), amount, "paid");
        vm.assertEq(ledger.parked(payee), 0, "left");
    }

    function test_ThePayeeSendsAParkedAmountElsewhere() public {
        uint256 amount = _park(payee);
        vm.expectEmit(address(ledger));
        emit IPayouts.ParkedWithdrawn(payee, CEM, amount);
        vm.prank(payee);
        vm.assertEq(ledger.withdrawTo(CEM), amount, "amount");
        vm.assertEq(token.balanceOf(CEM), amount, "paid");
        vm.prank(payee);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, payee));
        ledger.withdrawTo(CEM);
    }

    function test_ParkedAmountsAddUp() public {
        uint256 amount = _park(payee) + _park(payee);
        vm.prank(payee);
        vm.assertEq(ledger.withdrawTo(CEM), amount, "amount");
    }

    function test_APayeesSignatureSendsItElsewhereOnce() public {
        uint256 amount = _park(payee);
        bytes memory signature = _compact(KEY, _stated(payee, CEM, 0, _now()));
        vm.expectEmit(address(ledger));
        emit IPayouts.ParkedWithdrawn(payee, CEM, amount);
        vm.assertEq(ledger.withdrawWithSig(payee, CEM, _now(), signature), amount, "amount");
        vm.assertEq(token.balanceOf(CEM), amount, "paid");
        vm.assertEq(ledger.withdrawalNonce(payee), 1, "nonce");

        _park(payee);
        signature = _compact(KEY, _stated(payee, CEM, 0, _now()));
        _refuseSigned(CEM, _now(), signature);
        ledger.withdrawWithSig(payee, CEM, _now(), _sign(KEY, _stated(payee, CEM, 1, _now())));
        vm.assertEq(ledger.withdrawalNonce(payee), 2, "next nonce");
    }

    function test_ASignatureHasItsDeadline() public {
        _park(payee);
        uint256 deadline = _now();
        bytes memory signature = _sign(KEY, _stated(payee, CEM, 0, deadline));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_DeadlinePassed.selector, deadline, deadline + 1));
        ledger.withdrawWithSig(payee, CEM, deadline, signature);
        vm.warp(deadline);
        ledger.withdrawWithSig(payee, CEM, deadline, signature);
    }

    function test_ASignatureThatDidNothingCanBeBroughtAgain() public {
        bytes memory signature = _sign(KEY, _stated(payee, CEM, 0, type(uint256).max));
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, payee));
        ledger.withdrawWithSig(payee, CEM, type(uint256).max, signature);
        vm.assertEq(ledger.withdrawalNonce(payee), 0, "nonce");
        _park(payee);
        ledger.withdrawWithSig(payee, CEM, type(uint256).max, signature);
    }

    function test_RefusedForAnythingElseSigned() public {
        _park(payee);
        uint256 time = _now();
        _refuseSigned(CEM, time, _sign(KEY, _stated(payee, BOB, 0, time)));
        _refuseSigned(CEM, time, _sign(KEY, _stated(payee, CEM, 1, time)));
        _refuseSigned(CEM, time, _sign(KEY, _stated(payee, CEM, 0, time + 1)));
        _refuseSigned(CEM, time, _sign(KEY, _stated(BOB, CEM, 0, time)));
        _refuseSigned(CEM, time, _sign(KEY + 1, _stated(payee, CEM, 0, time)));
        _refuseSigned(CEM, time, "");
        bytes memory signature = _sign(KEY, _stated(payee, CEM, 0, time));
        vm.chainId(1);
        _refuseSigned(CEM, time, signature);
    }

    function test_AContractSignsForItself() public {
        Wallet wallet = new Wallet();
        uint256 amount = _park(address(wallet));
        wallet.set(Wallet.Manner.REFUSE);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NotSigned.selector, address(wallet)));
        ledger.withdrawWithSig(address(wallet), CEM, _now(), "any");
        wallet.set(Wallet.Manner.BURN);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NotSigned.selector, address(wallet)));
        ledger.withdrawWithSig(address(wallet), CEM, _now(), "any");
        wallet.set(Wallet.Manner.ACCEPT);
        ledger.withdrawWithSig(address(wallet), CEM, _now(), "any");
        vm.assertEq(token.balanceOf(CEM), amount, "paid");
    }

    function test_ANodesFeesAreParked() public {
        _settle(_order(0), _attestation(_entry(_register(), 1e6)));
        BlockingToken(address(token)).block_(node, BlockingToken.Manner.FALSE);
        _mature();
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(node, NODE_FEE);
        vm.assertEq(ledger.withdrawNode(node), NODE_FEE, "amount");
        vm.assertEq(ledger.parked(node), NODE_FEE, "parked");
        vm.assertEq(ledger.nodeBalance(node), 0, "balance");
    }

    function test_APendingHoldersPartAccruesAndGoesToWhomTheKeyNames() public {
        (uint32 recording, uint256 due) = _pending();
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(recording, payee, due / 4);
        vm.expectEmit(address(ledger));
        emit IPayouts.Accrued(payee, due / 4);
        ledger.withdraw(recording);
        vm.assertEq(ledger.accrued(payee), due / 4, "accrued");
        vm.assertEq(token.balanceOf(payee) + ledger.parked(payee), 0, "not paid, not parked");
        vm.assertEq(token.balanceOf(ANN), due - due / 4, "the other");

        _claim(BOB);
        vm.expectEmit(address(ledger));
        emit IPayouts.ClaimedWithdrawn(payee, BOB, due / 4);
        vm.assertEq(ledger.withdrawClaimed(payee), due / 4, "amount");
        vm.assertEq(token.balanceOf(BOB), due / 4, "claimed");
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingClaimed.selector, payee, 0));
        ledger.withdrawClaimed(payee);
    }

    function test_RefusedWhileNobodyIsNamed() public {
        (uint32 recording, uint256 due) = _pending();
        ledger.withdraw(recording);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingClaimed.selector, payee, due / 4));
        ledger.withdrawClaimed(payee);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, payee));
        ledger.withdrawFor(payee);
        vm.prank(payee);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_NothingParked.selector, payee));
        ledger.withdrawTo(payee);
    }

    function test_ParksWhatTheTokenRefusesToWhomTheKeyNamed() public {
        (uint32 recording, uint256 due) = _pending();
        ledger.withdraw(recording);
        _claim(BOB);
        BlockingToken(address(token)).block_(BOB, BlockingToken.Manner.REVERT);
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(BOB, due / 4);
        ledger.withdrawClaimed(payee);
        vm.assertEq(ledger.parked(BOB), due / 4, "parked");
        vm.assertEq(ledger.accrued(payee), 0, "accrued");
    }

    // A recording of which a quarter is due to the holder of the key.
    function _pending() private returns (uint32 recording, uint256 due) {
        Row[] memory rows = new Row[](2);
        rows[0] = Row(Kind.PENDING, payee, 0, 250_000);
        rows[1] = Row(Kind.HOLDER, ANN, 0, 750_000);
        Terms memory terms = _terms();
        terms.split = splits.createTable(rows);
        recording = _register(terms);
        due = _earn(recording, 0);
    }

    function _claim(address to) private {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN, keccak256("Refrain Splits"), keccak256("1"), block.chainid, address(splits)));
        bytes32 stated = keccak256(abi.encode(CLAIM, payee, to));
        splits.claim(payee, to, _sign(KEY, keccak256(abi.encodePacked(hex"1901", domain, stated))));
    }
}
