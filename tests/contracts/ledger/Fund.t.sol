// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {Base} from "../support/Base.sol";
import {ITestDollar} from "../support/ITestDollar.sol";
import {vm} from "../support/Vm.sol";

/// @notice Payers' money in: by allowance, by permit, by authorisation. See Fund.tree.
contract FundTest is Base {
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    uint256 private constant HOLDER = 77;
    bytes32 private constant NONCE = "an authorisation";

    address internal holder = vm.addr(HOLDER);
    ITestDollar internal dollar;

    function setUp() public override {
        super.setUp();
        dollar = ITestDollar(address(token));
        token.mint(holder, 100);
    }

    function _signDollar(bytes32 structHash) internal view returns (uint8, bytes32, bytes32) {
        return vm.sign(HOLDER, keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash)));
    }

    function _permit(uint256 amount) internal view returns (uint8, bytes32, bytes32) {
        uint256 nonce = dollar.nonces(holder);
        return _signDollar(keccak256(abi.encode(PERMIT, holder, address(ledger), amount, nonce, _now())));
    }

    function _authorise(bytes32 kind, address to, uint256 amount) internal view returns (uint8, bytes32, bytes32) {
        return _signDollar(keccak256(abi.encode(kind, holder, to, amount, _now() - 1, _now() + 1, NONCE)));
    }

    function _bring(address payer_, uint256 amount, uint8 v, bytes32 r, bytes32 s) internal {
        ledger.fundWithAuthorization(payer_, amount, _now() - 1, _now() + 1, NONCE, v, r, s);
    }

    function test_RefusedToFundNobody() public {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_NoPayer.selector));
        ledger.fund(address(0), 0);
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

    function test_FundsTheAccountOfAnotherPayer() public {
        token.mint(address(this), 50);
        token.approve(address(ledger), 50);
        vm.expectEmit(address(ledger));
        emit IEscrow.Funded(owner, address(this), 50);
        ledger.fund(owner, 50);
        vm.assertEq(ledger.accounts(owner).escrow, 50, "escrow");
    }

    function test_FundsWithAPermit() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(70);
        vm.expectEmit(address(ledger));
        emit IEscrow.Funded(payer, holder, 70);
        vm.prank(holder);
        ledger.fundWithPermit(payer, 70, _now(), v, r, s);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW + 70, "escrow");
    }

    function test_FundsWithAPermitSentAhead() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(70);
        dollar.permit(holder, address(ledger), 70, _now(), v, r, s);
        vm.prank(holder);
        ledger.fundWithPermit(payer, 70, _now(), v, r, s);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW + 70, "escrow");
    }

    function test_RefusedWithoutThePermit() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(70);
        vm.prank(holder);
        vm.expectRevert();
        ledger.fundWithPermit(payer, 71, _now(), v, r, s);
        // A permit belongs to the sender: another account's permit does not work.
        vm.prank(owner);
        vm.expectRevert();
        ledger.fundWithPermit(payer, 70, _now(), v, r, s);
    }

    function test_FundsWithAnAuthorisationThatAnyoneBrings() public {
        (uint8 v, bytes32 r, bytes32 s) = _authorise(RECEIVE, address(ledger), 70);
        vm.expectEmit(address(ledger));
        emit IEscrow.Funded(holder, holder, 70);
        _bring(holder, 70, v, r, s);
        vm.assertEq(ledger.accounts(holder).escrow, 70, "escrow");
        vm.assertEq(token.balanceOf(holder), 30, "balance");

        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_AuthorizationUsed.selector, holder, NONCE));
        _bring(holder, 70, v, r, s);
    }

    function test_RefusedWithAnotherAuthorisation() public {
        (uint8 v, bytes32 r, bytes32 s) = _authorise(RECEIVE, address(ledger), 70);
        vm.expectRevert();
        _bring(holder, 71, v, r, s);
        vm.expectRevert();
        _bring(owner, 70, v, r, s);
        (v, r, s) = _authorise(TRANSFER, address(ledger), 70);
        vm.expectRevert();
        _bring(holder, 70, v, r, s);
        (v, r, s) = _authorise(RECEIVE, address(this), 70);
        vm.expectRevert();
        _bring(holder, 70, v, r, s);
    }

    function test_AnAuthorisationCannotBeUsedPastTheLedger() public {
        (uint8 v, bytes32 r, bytes32 s) = _authorise(RECEIVE, address(ledger), 70);
        bytes4 bad = ITestDollar.TestDollar_NotReceiver.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, address(this), address(ledger)));
        dollar.receiveWithAuthorization(holder, address(ledger), 70, _now() - 1, _now() + 1, NONCE, v, r, s);
    }

    function test_AnAuthorisationHasItsTime() public {
        uint256 time = _now();
        (uint8 v, bytes32 r, bytes32 s) = _authorise(RECEIVE, address(ledger), 70);
        vm.warp(time - 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_NotYetValid.selector, time - 1, time - 1));
        ledger.fundWithAuthorization(holder, 70, time - 1, time + 1, NONCE, v, r, s);
        vm.warp(time + 1);
        vm.expectRevert(abi.encodeWithSelector(ITestDollar.TestDollar_NoLongerValid.selector, time + 1, time + 1));
        ledger.fundWithAuthorization(holder, 70, time - 1, time + 1, NONCE, v, r, s);
    }

    function test_TheTokenTransfersByAuthorisation() public {
        (uint8 v, bytes32 r, bytes32 s) = _authorise(TRANSFER, owner, 60);
        dollar.transferWithAuthorization(holder, owner, 60, _now() - 1, _now() + 1, NONCE, v, r, s);
        vm.assertEq(token.balanceOf(owner), 60, "moved");
        vm.assertEq(dollar.authorizationState(holder, NONCE), true, "used");
    }
}
