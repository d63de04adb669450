// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {Attestation, IRoyaltyLedger, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Takes the money of one settlement out of the buckets. See Disputes.tree; DisputesRelease.t.sol tests the way
/// back.
contract DisputesTest is Disputed {
    function test_OnlyTheCourtMayFreezeAndRelease() public {
        (Order memory order, Attestation memory given) = _made(0);
        bytes memory reason = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian);
        vm.prank(guardian);
        vm.expectRevert(reason);
        ledger.freeze(order, given, set);

        _freeze(order, given);
        vm.prank(guardian);
        vm.expectRevert(reason);
        ledger.release(order, given, set, true);
    }

    function test_RefusedWhenTheWindowIsOver() public {
        (Order memory order, Attestation memory given) = _made(0);
        uint256 end = given.generatedAt + WINDOW;
        vm.warp(end);
        _refuseFreeze(order, given, abi.encodeWithSelector(IDisputes.Disputes_WindowOver.selector, end, end));

        vm.warp(end - 1);
        vm.assertEq(_freeze(order, given), PRICE, "frozen");
    }

    function test_RefusedWhenTheOrderWasNotSettled() public {
        _made(0);
        Order memory order = _order(1);
        bytes memory reason = abi.encodeWithSelector(IDisputes.Disputes_NotSettled.selector, payer, 1);
        _refuseFreeze(order, _attestation(_entries()), reason);
    }

    function test_RefusedWhenThePriceIsNothing() public {
        (Order memory order, Attestation memory given) = _madeAt(0, 0, 0);
        _refuseFreeze(order, given, abi.encodeWithSelector(IDisputes.Disputes_NothingToFreeze.selector));
    }

    function test_RefusedWhenTheWeightsDoNotSum() public {
        (Order memory order, Attestation memory given) = _made(0);
        given.entries = _entry(one, 500_000);
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_WeightsDoNotSum.selector, 500_000);
        _refuseFreeze(order, given, reason);
    }

    function test_RefusedTheSecondTime() public {
        for (uint256 nonce = 0; nonce < 2; nonce++) {
            (Order memory order, Attestation memory given) = _made(nonce);
            _freeze(order, given);
            bytes32 key = _key(order, given);
            bytes memory reason = abi.encodeWithSelector(IDisputes.Disputes_FrozenBefore.selector, key);
            _refuseFreeze(order, given, reason);

            _release(order, given, nonce == 0);
            _refuseFreeze(order, given, reason);
            vm.assertEq(ledger.frozen(key), 0, "frozen");
        }
    }

    function test_TakesExactlyWhatWasCredited() public {
        _madeAt(0, 777_777, 11_111);
        (Order memory order, Attestation memory given) = _made(1);
        uint256[4] memory other = _parts(777_777, 11_111);
        uint256 before = _owed();
        bytes32 key = _key(order, given);

        vm.expectEmit(address(ledger));
        emit IDisputes.Frozen(_orderHash(order), key, PRICE);
        vm.assertEq(_freeze(order, given), PRICE, "amount");

        vm.assertEq(ledger.frozen(key), PRICE, "frozen");
        vm.assertEq(_heldNode(protocol), other[0], "fees");
        vm.assertEq(_held(0), other[1], "pool");
        vm.assertEq(_held(one), other[2], "one");
        vm.assertEq(_held(two), other[3], "two");
        vm.assertEq(_heldNode(node), 11_111, "node");
        vm.assertEq(_owed() + PRICE, before, "owed");
        vm.assertEq(before, token.balanceOf(address(ledger)), "held");
    }

    function test_FindsTheMoneyInTheNextEpoch() public {
        vm.warp((_now() / WINDOW + 1) * WINDOW - 1);
        (Order memory order, Attestation memory given) = _made(0);
        vm.warp(_now() + WINDOW - 1);
        _madeAt(1, 777_777, 11_111);
        _freeze(order, given);
        vm.assertEq(_held(one), _parts(777_777, 11_111)[2], "one");
        vm.assertEq(_owed() + PRICE, token.balanceOf(address(ledger)), "held");
    }

    function test_FindsWhatWasSwept() public {
        (Order memory order, Attestation memory given) = _made(0);
        _sweep();
        _freeze(order, given);
        vm.assertEq(_heldNode(protocol), 0, "fees");
        vm.assertEq(_held(0), 0, "pool");
    }

    /// @dev If the fee of the first were taken from the account, which holds that of the second, the first one's own
    /// fee would mature and could be withdrawn.
    function test_LeavesWhatCameAfterTheSweepForItsOwnDispute() public {
        vm.warp((_now() / WINDOW + 1) * WINDOW - 1);
        (Order memory first, Attestation memory early) = _made(0);
        _sweep();
        vm.warp(_now() + WINDOW - 1);
        (Order memory second, Attestation memory late) = _made(1);
        _freeze(first, early);

        vm.warp(late.generatedAt + WINDOW - 1);
        vm.assertEq(ledger.withdrawNode(protocol) + ledger.withdraw(0), 0, "matured");
        vm.assertEq(_freeze(second, late), PRICE, "frozen");
        vm.assertEq(ledger.accounts(payer).escrow + 2 * PRICE, token.balanceOf(address(ledger)), "held");
    }

    /// @dev The first fee was swept; the account holds less than it, and then less than either of the other two.
    function test_FindsFeesThatNeitherPlaceHoldsAlone() public {
        Order[3] memory orders;
        Attestation[3] memory given;
        (orders[0], given[0]) = _madeAt(0, 700_000, 0);
        _sweep();
        (orders[1], given[1]) = _madeAt(1, 300_000, 0);
        (orders[2], given[2]) = _madeAt(2, 500_000, 0);
        for (uint256 i = 0; i < 3; i++) {
            _freeze(orders[i], given[i]);
        }
        vm.assertEq(_heldNode(protocol) + _held(0) + _held(one) + _held(two), 0, "rest");
    }

    function test_FindsWhatWasSweptToAnotherReceiver() public {
        (Order memory order, Attestation memory given) = _made(0);
        _sweep();
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE2), address(0xB002));
        vm.assertEq(_heldNode(address(0xFEE2)), _parts(PRICE, NODE_FEE)[0], "follows");
        vm.assertEq(_heldNode(protocol), 0, "no longer");

        _freeze(order, given);
        vm.assertEq(_heldNode(address(0xFEE2)), 0, "fees");
        _release(order, given, false);
        vm.assertEq(ledger.withdrawNode(address(0xFEE2)), _parts(PRICE, NODE_FEE)[0], "paid");
        vm.assertEq(ledger.withdraw(0), _parts(PRICE, NODE_FEE)[1], "pool");
    }

    function test_NeedsNoReceivers() public {
        _deploy(address(token));
        _fund(payer, ESCROW);
        (one, two) = (_register(), _register());
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        _release(order, given, false);
        ledger.withdrawNode(address(0));
        vm.assertEq(ledger.parked(address(0)), 0, "nobody's");

        vm.prank(admin);
        ledger.setReceivers(protocol, poolReceiver);
        vm.assertEq(ledger.withdrawNode(protocol), _parts(PRICE, NODE_FEE)[0], "fees");
        vm.assertEq(ledger.withdraw(0), _parts(PRICE, NODE_FEE)[1], "pool");
    }

    function test_AReceiverThatIsANodeHasBoth() public {
        vm.prank(admin);
        ledger.setReceivers(node, poolReceiver);
        (Order memory order, Attestation memory given) = _made(0);
        _made(1);
        _freeze(order, given);
        vm.assertEq(ledger.nodeDisputable(node), NODE_FEE + _parts(PRICE, NODE_FEE)[0], "disputable");
        _mature();
        vm.assertEq(ledger.nodeBalance(node), NODE_FEE + _parts(PRICE, NODE_FEE)[0], "balance");
        vm.assertEq(ledger.withdrawNode(node), NODE_FEE + _parts(PRICE, NODE_FEE)[0], "paid");
        vm.assertEq(ledger.withdrawNode(node), 0, "twice");
    }

    function test_ARemovedSetsSettlementIsDisputedByItsTerms() public {
        (Order memory order, Attestation memory given) = _made(0);
        vm.prank(guardian);
        ledger.removeSet(set);
        _freeze(order, given);
        vm.assertEq(_held(one) + _held(two) + _held(0) + _heldNode(node) + _heldNode(protocol), 0, "rest");
        _release(order, given, false);
        vm.assertEq(_held(one), _parts(PRICE, NODE_FEE)[2], "one");
    }

    function test_WhatIsFrozenIsNotWithdrawnAndWhatIsNotIs() public {
        (Order memory order, Attestation memory given) = _made(0);
        _madeAt(1, 777_777, 11_111);
        uint256[4] memory other = _parts(777_777, 11_111);
        _freeze(order, given);
        _mature();

        vm.assertEq(ledger.withdraw(one), other[2], "one");
        vm.assertEq(ledger.withdraw(two), other[3], "two");
        vm.assertEq(ledger.withdraw(0), other[1], "pool");
        vm.assertEq(ledger.withdrawNode(node), 11_111, "node");
        vm.assertEq(ledger.withdrawNode(protocol), other[0], "fees");
        vm.assertEq(token.balanceOf(address(ledger)), ledger.accounts(payer).escrow + PRICE, "held");
    }

    function _refuseFreeze(Order memory order, Attestation memory given, bytes memory reason) private {
        vm.prank(court);
        vm.expectRevert(reason);
        ledger.freeze(order, given, set);
    }
}
