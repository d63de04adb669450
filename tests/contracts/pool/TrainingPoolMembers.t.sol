// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Pooled} from "../support/Pooled.sol";
import {vm} from "../support/Vm.sol";

/// @notice Who takes part in a round. See TrainingPool.tree.
contract TrainingPoolMembersTest is Pooled {
    uint256 private constant AMOUNT = 1_000_000;
    uint256 private constant SIZE = 300;

    // For every second of a history: whether training was permitted in it.
    struct Span {
        uint256 from;
        uint256 until;
        bool training;
    }

    Span[] private spans;
    uint256 private entropy;

    function test_WhatEndsOrNarrowsAfterwardsTakesPart() public {
        _open();
        _revoke(one);
        _amend(two, 0, CONDITIONING);
        _wait();
        _amend(two, 0, TRAINING);
        _wait();
        _amend(two, 0, CONDITIONING);
        _amend(one, 0, CONDITIONING);
        _count();
        vm.assertTrue(pool.isMember(one), "one");
        vm.assertTrue(pool.isMember(two), "two");
    }

    function test_WhatBeginsAtTheMomentTakesPart() public {
        _amend(one, _now() + 10, TRAINING);
        vm.warp(_now() + 10);
        uint32 three = _consenting(TRAINING);
        vm.warp(_now() + 1);
        _open();
        _count();
        vm.assertTrue(pool.isMember(one), "one");
        vm.assertTrue(pool.isMember(three), "three");
    }

    function test_WhatBeginsInTheBlockOfTheOpeningDoesNot() public {
        _amend(one, 0, CONDITIONING);
        _wait();
        uint32 three = _consenting(TRAINING);
        _amend(one, 0, TRAINING);
        _open();
        uint32 four = _consenting(TRAINING);
        _count();
        vm.assertEq(pool.isMember(one), false, "one");
        vm.assertEq(pool.isMember(three), false, "three");
        vm.assertEq(pool.isMember(four), false, "four");
        vm.assertTrue(pool.isMember(two), "two");
    }

    function test_WhatHasEndedByTheMomentDoesNot() public {
        Terms memory terms = _terms();
        terms.consentUntil = uint32(_now() + 10);
        uint32 three = _register(terms);
        terms.consentUntil++;
        uint32 four = _register(terms);
        vm.warp(_now() + 10);
        _revoke(one);
        vm.warp(_now() + 1);
        _revoke(two);
        _open();
        _count();
        vm.assertEq(pool.isMember(one), false, "revoked at the moment");
        vm.assertTrue(pool.isMember(two), "revoked after it");
        vm.assertEq(pool.isMember(three), false, "ended at the moment");
        vm.assertTrue(pool.isMember(four), "ends after it");
    }

    function test_ConsentToConditioningAloneDoesNot() public {
        uint32 three = _consenting(15 - TRAINING);
        vm.warp(_now() + 1);
        _open();
        vm.assertEq(pool.isMember(one), false, "not counted yet");
        _count();
        vm.assertEq(pool.isMember(three), false, "three");
        vm.assertEq(pool.isMember(0), false, "the pool");
    }

    /// @dev In one round a page ends at the end of a word of bits, in the next one inside a word.
    function test_AnEarlierRoundIsForgotten() public {
        for (uint256 i = 2; i < SIZE; i++) {
            _consenting(TRAINING);
        }
        vm.warp(_now() + PERIOD);
        _open();
        _count();
        while (uint8(_stage()) != 0) pool.pay(SIZE);

        for (uint32 id = 3; id <= SIZE; id += 3) {
            _amend(id, 0, CONDITIONING);
        }
        _everyThirdIsOut(85);
        _everyThirdIsOut(77);
    }

    /// @dev Compares with a list of consents that the test keeps; the round is counted at once, or after more actions.
    function testFuzz_CountsWhatStoodAtTheMoment(uint256 seed, uint256 opening) public {
        entropy = seed;
        spans.push(Span(_now() - PERIOD, type(uint32).max, true));
        opening = _bound(opening, 1, 9);
        uint256 at;
        for (uint256 step = 0; step < 10; step++) {
            vm.warp(_now() + 1 + _draw(2) * MAX_LAG + _draw(3));
            if (step == opening) at = _open();
            _change();
        }
        _count();
        vm.assertEq(pool.isMember(one), _stood(at), "one");
        vm.assertTrue(pool.isMember(two), "two");
    }

    function _everyThirdIsOut(uint256 page) private {
        vm.warp(_now() + PERIOD);
        _open();
        vm.assertEq(pool.isMember(1), false, "not counted yet");
        while (uint8(_stage()) == 1) pool.count(page);
        vm.assertEq(_latest().members, SIZE - SIZE / 3, "members");
        for (uint32 id = 1; id <= SIZE; id++) {
            vm.assertEq(pool.isMember(id), id % 3 != 0, "member");
        }

        (uint256 out, uint256 within) = (_due(300), _due(299));
        while (uint8(_stage()) == 2) pool.pay(101);
        vm.assertEq(_due(300), out, "300");
        vm.assertEq(_due(299), within + _latest().share, "299");
    }

    function _change() private {
        uint256 action = _draw(4);
        Span storage last = spans[spans.length - 1];
        if (action == 0) {
            _revoke(one);
            if (_now() < last.until) last.until = _now();
        }
        if (action < 2) return;

        uint8 uses = uint8(1 + _draw(15));
        uint256 from = _now() + (action == 2 ? 0 : _draw(3) * 1 days);
        vm.prank(owner);
        try ledger.amend(one, uint32(from), type(uint32).max, uses, 10_000) {
            if (last.from > _now()) spans.pop();
            else if (_now() < last.until) last.until = _now();
            spans.push(Span(from, type(uint32).max, uses & TRAINING != 0));
        } catch {}
    }

    function _stood(uint256 at) private view returns (bool found) {
        for (uint256 i = 0; i < spans.length; i++) {
            if (spans[i].from <= at && at < spans[i].until) found = spans[i].training;
        }
    }

    function _open() private returns (uint256 at) {
        token.mint(address(pool), AMOUNT);
        pool.open();
        return _now() - 1;
    }

    function _count() private {
        while (uint8(_stage()) == 1) pool.count(100);
    }

    function _wait() private {
        vm.warp(_now() + MAX_LAG + 1);
    }

    function _draw(uint256 below) private returns (uint256) {
        entropy = uint256(keccak256(abi.encode(entropy)));
        return entropy % below;
    }
}
