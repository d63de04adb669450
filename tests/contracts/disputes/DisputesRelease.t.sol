// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Returns the money of one settlement to its payer, or to where it was. See Disputes.tree.
contract DisputesReleaseTest is Disputed {
    uint256 private constant MOST_ESCROW = type(uint64).max;

    function test_RefusedWhenNothingIsFrozen() public {
        (Order memory order, Attestation memory given) = _made(0);
        bytes memory reason = abi.encodeWithSelector(IDisputes.Disputes_NotFrozen.selector, _key(order, given));
        vm.prank(court);
        vm.expectRevert(reason);
        ledger.release(order, given, set, true);

        _freeze(order, given);
        _release(order, given, false);
        vm.prank(court);
        vm.expectRevert(reason);
        ledger.release(order, given, set, true);
    }

    function test_ReversedReturnsThePriceToTheEscrow() public {
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        vm.expectEmit(address(ledger));
        emit IDisputes.Released(_orderHash(order), _key(order, given), PRICE, true);
        _release(order, given, true);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW, "escrow");
        vm.assertEq(_owed(), token.balanceOf(address(ledger)), "held");
        vm.assertEq(_owed(), ESCROW, "nothing else");

        _refuse(order, given, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 0));
    }

    function test_AnEscrowWithoutRoomHasItParked() public {
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        _fund(payer, MOST_ESCROW - ledger.accounts(payer).escrow - PRICE + 1);
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(payer, PRICE);
        _release(order, given, true);
        vm.assertEq(ledger.accounts(payer).escrow, MOST_ESCROW - PRICE + 1, "escrow");
        ledger.withdrawFor(payer);
        vm.assertEq(token.balanceOf(payer), PRICE, "paid");
    }

    function test_AnEscrowWithJustTheRoomTakesIt() public {
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        _fund(payer, MOST_ESCROW - ledger.accounts(payer).escrow - PRICE);
        _release(order, given, true);
        vm.assertEq(ledger.accounts(payer).escrow, MOST_ESCROW, "escrow");
    }

    function test_UpheldPutsEveryPartBackToBeWithdrawnAtOnce() public {
        (Order memory order, Attestation memory given) = _made(0);
        uint256[4] memory parts = _parts(PRICE, NODE_FEE);
        _freeze(order, given);
        _release(order, given, false);

        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "escrow");
        vm.assertEq(ledger.withdrawNode(protocol), parts[0], "fees");
        vm.assertEq(ledger.withdraw(0), parts[1], "pool");
        vm.assertEq(ledger.withdraw(one), parts[2], "one");
        vm.assertEq(ledger.withdraw(two), parts[3], "two");
        vm.assertEq(ledger.withdrawNode(node), NODE_FEE, "node");
        vm.assertEq(token.balanceOf(poolReceiver), parts[1], "pool's receiver");
        vm.assertEq(token.balanceOf(address(ledger)), ESCROW - PRICE, "held");
    }
}
