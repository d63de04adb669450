// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {ITrainingPool, Round, Stage} from "../../../contracts/interfaces/ITrainingPool.sol";
import {Pooled} from "../support/Pooled.sol";
import {vm} from "../support/Vm.sol";
import {HookToken, Hooked} from "../tokens/OddTokens.sol";

/// @notice Rounds of the training pool. See TrainingPool.tree; TrainingPoolMembers.t.sol tests who takes part.
contract TrainingPoolTest is Pooled, Hooked {
    bool public wantsHook;
    bool private entered;

    function test_RefusedSettings() public {
        vm.assertEq(this.deploys(address(1), PERIOD), false, "no ledger");
        vm.assertEq(this.deploys(address(ledger), 0), false, "no period");
        vm.assertEq(address(pool.ledger()), address(ledger), "ledger");
        vm.assertEq(pool.PERIOD(), PERIOD, "period");
    }

    function test_RefusedWhenThereIsNothingToDivide() public {
        vm.expectRevert(abi.encodeWithSelector(ITrainingPool.TrainingPool_NothingToDivide.selector));
        pool.open();
    }

    function test_RefusedWhileARoundIsUnfinished() public {
        token.mint(address(pool), 100);
        pool.open();
        vm.warp(_now() + PERIOD);
        bytes4 unfinished = ITrainingPool.TrainingPool_Unfinished.selector;
        vm.expectRevert(abi.encodeWithSelector(unfinished, 1, Stage.COUNTING));
        pool.open();
        vm.expectRevert(abi.encodeWithSelector(ITrainingPool.TrainingPool_NotPaying.selector, 1, Stage.COUNTING));
        pool.pay(1);

        pool.count(10);
        vm.expectRevert(abi.encodeWithSelector(unfinished, 1, Stage.PAYING));
        pool.open();
        vm.expectRevert(abi.encodeWithSelector(ITrainingPool.TrainingPool_NotCounting.selector, 1, Stage.PAYING));
        pool.count(1);

        pool.pay(10);
        vm.expectRevert(abi.encodeWithSelector(ITrainingPool.TrainingPool_NotPaying.selector, 1, Stage.CLOSED));
        pool.pay(1);
    }

    function test_RefusedUntilThePeriodIsOver() public {
        token.mint(address(pool), 100);
        _round(10);
        token.mint(address(pool), 100);
        uint256 next = _now() + PERIOD;
        vm.assertEq(pool.nextOpening(), next, "next");

        vm.warp(next - 1);
        vm.expectRevert(abi.encodeWithSelector(ITrainingPool.TrainingPool_TooEarly.selector, next, next - 1));
        pool.open();
        vm.warp(next);
        vm.assertEq(pool.open(), 2, "round");
    }

    function test_DrawsWhatTheLedgerCanPay() public {
        _made(0);
        _sweep();
        _mature();
        _made(1);
        _sweep();
        token.mint(address(pool), 5);
        uint256 amount = _parts(PRICE, NODE_FEE)[1] + 5;

        vm.expectEmit(address(pool));
        emit ITrainingPool.RoundOpened(1, _now() - 1, 2, amount);
        pool.open();
        Round memory state = _latest();
        vm.assertEq(state.amount, amount, "amount");
        vm.assertEq(state.at, _now() - 1, "at");
        vm.assertEq(state.last, 2, "last");
        vm.assertEq(ledger.recordings(0).disputable, _parts(PRICE, NODE_FEE)[1], "left");
    }

    function test_CreditsEveryMemberOnceAndKeepsTheRest() public {
        uint32 three = _consenting(CONDITIONING);
        uint32 four = _consenting(TRAINING);
        vm.warp(_now() + 1);
        token.mint(address(pool), 1_000);
        pool.open();

        vm.expectEmit(address(pool));
        emit ITrainingPool.Counted(1, 1, 2, 2);
        pool.count(2);
        vm.expectEmit(address(pool));
        emit ITrainingPool.Counted(1, 3, 4, 3);
        vm.expectEmit(address(pool));
        emit ITrainingPool.Divided(1, 3, 333, 1);
        pool.count(2);
        vm.expectEmit(address(pool));
        emit ITrainingPool.Paid(1, 1, 3, 2);
        vm.expectEmit(address(ledger));
        emit IPayouts.Rewarded(address(pool), _ids(one, two), 333);
        pool.pay(3);
        vm.expectEmit(address(pool));
        emit ITrainingPool.Paid(1, 4, 4, 1);
        vm.expectEmit(address(pool));
        emit ITrainingPool.RoundClosed(1);
        pool.pay(3);

        vm.assertEq(_due(one), 333, "one");
        vm.assertEq(_due(two), 333, "two");
        vm.assertEq(_due(three), 0, "three");
        vm.assertEq(_due(four), 333, "four");
        vm.assertEq(token.balanceOf(address(pool)), 1, "rest");
        vm.assertEq(ledger.withdraw(four), 333, "paid");
    }

    function test_WhatStaysIsDividedInTheNextRound() public {
        token.mint(address(pool), 3);
        _round(10);
        token.mint(address(pool), 2);
        vm.warp(_now() + PERIOD);
        _round(10);
        vm.assertEq(_due(one), 2, "one");
        vm.assertEq(token.balanceOf(address(pool)), 1, "rest");
    }

    function test_WhereNobodyTakesPartItStays() public {
        _revoke(one);
        _revoke(two);
        vm.warp(_now() + 1);
        token.mint(address(pool), 100);
        pool.open();
        vm.expectEmit(address(pool));
        emit ITrainingPool.Divided(1, 0, 0, 100);
        vm.expectEmit(address(pool));
        emit ITrainingPool.RoundClosed(1);
        pool.count(10);
        vm.assertTrue(_stage() == Stage.CLOSED, "closed");
        vm.assertEq(token.balanceOf(address(pool)), 100, "kept");
    }

    function test_WhereThereAreNoRecordingsItStays() public {
        _deploy(address(token));
        _found();
        token.mint(address(pool), 100);
        pool.open();
        pool.count(0);
        vm.assertTrue(_stage() == Stage.CLOSED, "closed");
    }

    function test_WhereTheShareWouldBeNothingItStays() public {
        token.mint(address(pool), 1);
        _round(10);
        vm.assertTrue(_stage() == Stage.CLOSED, "closed");
        vm.assertEq(token.balanceOf(address(pool)), 1, "kept");
    }

    /// @dev A share that a word cannot hold is reduced; one that fits waits for room.
    function test_ARecordingWithoutRoomIsPaidAfterAWithdrawal() public {
        uint256 most = type(uint56).max;
        _revoke(two);
        vm.warp(_now() + 1);
        token.mint(address(this), 1);
        token.approve(address(ledger), 1);
        ledger.reward(_ids(one), 1);
        token.mint(address(pool), most + 7);
        pool.open();
        pool.count(10);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_RecordingFull.selector, one, most));
        pool.pay(10);

        ledger.withdraw(one);
        pool.pay(10);
        vm.assertEq(_due(one), most, "one");
        vm.assertEq(token.balanceOf(address(pool)), 7, "rest");
    }

    function test_IsNotEnteredAgain() public {
        _deploy(address(new HookToken()));
        vm.warp(_now() + 1);
        (one, two) = (_register(), _register());
        pool = ITrainingPool(vm.deployCode("TrainingPool.sol:TrainingPool", abi.encode(ledger, PERIOD)));
        vm.prank(admin);
        ledger.setReceivers(protocol, address(this));
        vm.warp(_now() + 1);
        token.mint(address(this), 100);
        token.approve(address(ledger), 100);
        ledger.reward(_ids(0), 50);
        token.mint(address(pool), 100);

        wantsHook = true;
        pool.open();
        vm.assertEq(entered, false, "entered");
        (uint256 round,) = pool.latest();
        vm.assertEq(round, 1, "rounds");
    }

    function testFuzz_PagesChangeNothing(uint256 amount, uint256 size, uint256 seed) public {
        amount = _bound(amount, 1, 1e12);
        for (uint256 i = 0; i < 20; i++) {
            _consenting(seed >> i & 1 == 1 ? TRAINING : CONDITIONING);
        }
        vm.warp(_now() + 1);
        token.mint(address(pool), amount);
        _round(_bound(size, 1, 25));

        Round memory state = _latest();
        vm.assertEq(state.share, amount / state.members, "share");
        for (uint32 i = 0; i < 20; i++) {
            vm.assertEq(_due(3 + i), seed >> i & 1 == 1 ? state.share : 0, "due");
        }
        vm.assertEq(token.balanceOf(address(pool)), amount % state.members, "rest");
    }

    function onToken() external {
        if (wantsHook) (entered,) = address(pool).call(abi.encodeCall(ITrainingPool.open, ()));
    }

    function deploys(address served, uint256 period) external returns (bool) {
        bytes memory arguments = abi.encode(served, period);
        (bool made,) = address(this).call(abi.encodeCall(this.deployPool, (arguments)));
        return made;
    }

    function deployPool(bytes calldata arguments) external {
        vm.deployCode("TrainingPool.sol:TrainingPool", arguments);
    }

    function _ids(uint32 first) private pure returns (uint32[] memory ids) {
        ids = new uint32[](1);
        ids[0] = first;
    }

    function _ids(uint32 first, uint32 second) private pure returns (uint32[] memory ids) {
        ids = new uint32[](2);
        (ids[0], ids[1]) = (first, second);
    }
}
