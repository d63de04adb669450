// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingView, Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {Attestation, IRoyaltyLedger, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {
    ConsentView,
    IRoyaltyLens,
    NodeView,
    PayerView,
    Quote,
    SetSummary
} from "../../../contracts/interfaces/IRoyaltyLens.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Views over a ledger. See RoyaltyLens.tree.
contract RoyaltyLensTest is Disputed {
    IRoyaltyLens private lens;

    function setUp() public override {
        super.setUp();
        lens = IRoyaltyLens(vm.deployCode("RoyaltyLens.sol:RoyaltyLens", abi.encode(ledger)));
    }

    function test_RefusedForNoLedger() public {
        (bool made,) = address(this).call(abi.encodeCall(this.deployLens, (address(1))));
        vm.assertEq(made, false, "made");
        vm.assertEq(address(lens.ledger()), address(ledger), "ledger");
    }

    function test_RecordingsInTheOrderAskedFor() public {
        _made(0);
        RecordingView[] memory found = lens.recordings(_ids(two, 9, one));
        vm.assertEq(abi.encode(found[0]), abi.encode(ledger.recordings(two)), "two");
        vm.assertEq(found[1].owner, address(0), "unknown");
        vm.assertEq(found[2].disputable, _parts(PRICE, NODE_FEE)[2], "one");
    }

    function test_PayersAndNodes() public {
        _made(0);
        vm.prank(payer);
        ledger.requestExit();
        PayerView memory seen = lens.payers(_one(payer))[0];
        vm.assertEq(seen.escrow, ESCROW - PRICE, "escrow");
        vm.assertEq(seen.protocolFees, _parts(PRICE, NODE_FEE)[0], "fees");
        vm.assertEq(seen.pool, _parts(PRICE, NODE_FEE)[1], "pool");
        vm.assertEq(seen.nextNonce, 1, "nonce");
        vm.assertEq(seen.exitTime, _now() + ledger.EXIT_DELAY(), "exit");
        vm.assertEq(seen.parked, 0, "parked");

        NodeView memory maker = lens.nodes(_one(node))[0];
        vm.assertTrue(maker.allowed, "allowed");
        vm.assertEq(maker.balance, 0, "balance");
        vm.assertEq(maker.disputable, NODE_FEE, "disputable");
        vm.assertEq(maker.spent, PRICE, "spent");
        _mature();
        vm.assertEq(lens.nodes(_one(node))[0].balance, NODE_FEE, "matured");
    }

    function test_ASetIsLiveWhileItSettles() public {
        bytes32[] memory sets = new bytes32[](2);
        (sets[0], sets[1]) = (set, keccak256("unknown"));
        SetSummary[] memory found = lens.sets(sets);
        vm.assertEq(abi.encode(found[0].terms), abi.encode(ledger.sets(set)), "terms");
        vm.assertTrue(found[0].live, "live");
        vm.assertEq(found[1].live, false, "unknown");

        vm.prank(guardian);
        ledger.pause();
        vm.assertEq(lens.sets(sets)[0].live, false, "paused");
        vm.prank(admin);
        ledger.unpause();
        vm.warp(SET_UNTIL - 1);
        vm.assertTrue(lens.sets(sets)[0].live, "last second");
        vm.warp(SET_UNTIL);
        vm.assertEq(lens.sets(sets)[0].live, false, "over");
        vm.prank(guardian);
        ledger.removeSet(set);
        vm.warp(SET_UNTIL - 1);
        vm.assertEq(lens.sets(sets)[0].live, false, "removed");
    }

    function test_WithdrawableAddsUp() public {
        _made(0);
        (uint256 total,) = lens.withdrawable(_ids(one, two, 9));
        vm.assertEq(total, 0, "not yet");
        _mature();
        uint256[] memory amounts;
        (total, amounts) = lens.withdrawable(_ids(one, two, 9));
        vm.assertEq(amounts[0], _parts(PRICE, NODE_FEE)[2], "one");
        vm.assertEq(amounts[1], _parts(PRICE, NODE_FEE)[3], "two");
        vm.assertEq(amounts[2], 0, "unknown");
        vm.assertEq(total, amounts[0] + amounts[1], "total");
    }

    function testFuzz_MaturesNotBeforeTheFirstAndAllByTheLast(uint256 wait, uint256 later) public {
        (uint256 first, uint256 last) = lens.maturesAt(one);
        vm.assertEq(first + last, 0, "nothing");
        vm.warp(_now() + wait % WINDOW);
        _made(0);
        vm.warp(_now() + later % WINDOW);

        (first, last) = lens.maturesAt(one);
        vm.assertTrue(_now() < first && first < last, "order");
        vm.warp(first - 1);
        vm.assertEq(ledger.recordings(one).unclaimed, 0, "before the first");
        vm.warp(last);
        vm.assertEq(ledger.recordings(one).disputable, 0, "at the last");
    }

    function test_InferenceAndTrainingSetsDifferByUseInPages() public {
        Terms memory terms = _terms();
        terms.uses = 1;
        uint32 three = _register(terms);
        terms.uses = 2;
        uint32 four = _register(terms);

        (uint32[] memory ids, uint32 next) = lens.inferenceSet(0, 3, _now());
        vm.assertEq(abi.encode(ids), abi.encode(_ids(one, two, three)), "conditioning");
        vm.assertEq(next, four, "next");
        (ids, next) = lens.inferenceSet(next, 3, _now());
        vm.assertEq(ids.length + next, 0, "rest");
        (ids, next) = lens.trainingSet(1, 4, _now());
        vm.assertEq(abi.encode(ids), abi.encode(_ids(one, two, four)), "training");
        vm.assertEq(next, 0, "last page");
        (ids,) = lens.trainingSet(1, 4, _now() - 1);
        vm.assertEq(ids.length, 0, "earlier");
        (ids, next) = lens.trainingSet(9, 4, _now());
        vm.assertEq(ids.length + next, 0, "beyond");
    }

    /// @dev The ledger itself decides whether a generation made at a time settles.
    function testFuzz_ConsentIsWhatASettlementFinds(uint256 seed, uint256 lag) public {
        lag = lag % MAX_LAG;
        vm.warp(_now() + MAX_LAG + 1);
        _change(uint8(1 + seed % 15), seed >> 8 & 3);
        vm.warp(_now() + 1 + (seed >> 16) % (MAX_LAG + 100));
        _change(uint8(1 + (seed >> 32) % 15), seed >> 40 & 3);
        vm.warp(_now() + (seed >> 48) % MAX_LAG);

        uint256 made = _now() - lag;
        Order memory order = _order(0);
        (order.use, order.deadline) = (1, made);
        Attestation memory given = _attestation(_entry(one, 1e6));
        given.generatedAt = made;
        ConsentView memory found = lens.consentAt(one, made);
        bool permitted = found.stands && found.uses & 1 == 1;
        (bool settled,) = address(this).call(abi.encodeCall(this.settle, (order, given)));
        vm.assertEq(permitted, settled, "settled");
    }

    function test_TheLargestFloorCounts() public {
        vm.startPrank(owner);
        ledger.setFloors(one, [uint64(1), 20, 3, 0]);
        ledger.setFloors(two, [uint64(2), 10, 3, 0]);
        vm.stopPrank();
        uint32[] memory ids = _ids(one, two, 9);
        vm.assertEq(lens.floorOf(ids, 0), 2, "0");
        vm.assertEq(lens.floorOf(ids, 1), 20, "1");
        vm.assertEq(lens.floorOf(ids, 2), 3, "2");
        vm.assertEq(lens.floorOf(ids, 3), 0, "3");
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLens.RoyaltyLens_UnknownTier.selector, 4, 4));
        lens.floorOf(ids, 4);
    }

    function test_QuoteRefusesWhatASettlementRefuses() public {
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_Unknown.selector, bytes32(0)));
        lens.quote(0, PRICE, 0);
        uint256 most = type(uint48).max;
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_PriceTooLarge.selector, most + 1, most));
        lens.quote(set, most + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_NodeFeeAboveCap.selector, 101, 100));
        lens.quote(set, 1_000, 101);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_WeightsDoNotSum.selector, 5));
        lens.divide(set, PRICE, 0, _entry(one, 5));
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_EntriesLength.selector, 9));
        lens.divide(set, PRICE, 0, bytes.concat(_entry(one, 1e6), hex"00"));
    }

    function testFuzz_DividesAsASettlementDoes(uint256 price, uint256 nodeFee) public {
        price = _bound(price, 0, 2e6);
        nodeFee = _bound(nodeFee, 0, price * NODE_CAP_BPS / 10_000);
        Quote memory quoted = lens.quote(set, price, nodeFee);
        (uint256[] memory ids, uint256[] memory amounts) = lens.divide(set, price, nodeFee, _entries());
        _madeAt(0, price, nodeFee);

        vm.assertEq(quoted.royalty + quoted.nodeFee + quoted.protocolFee, price, "whole");
        vm.assertEq(quoted.mostNodeFee, price * NODE_CAP_BPS / 10_000, "most");
        vm.assertEq(quoted.protocolFee, ledger.accounts(payer).protocolFees, "fee");
        vm.assertEq(amounts[0], ledger.accounts(payer).pool, "pool");
        vm.assertEq(amounts[1], ledger.recordings(one).disputable, "one");
        vm.assertEq(amounts[2], ledger.recordings(two).disputable, "two");
        vm.assertEq(ids[2], two, "ids");
    }

    function settle(Order memory order, Attestation memory given) external {
        _settle(order, given);
    }

    function deployLens(address seen) external {
        vm.deployCode("RoyaltyLens.sol:RoyaltyLens", abi.encode(seen));
    }

    function _change(uint8 uses, uint256 manner) private {
        vm.startPrank(owner);
        if (manner == 0) ledger.revoke(one);
        if (manner > 1) _tryAmend(uses, manner == 2 ? 0 : _now() + 1 hours);
        vm.stopPrank();
    }

    function _tryAmend(uint8 uses, uint256 from) private {
        try ledger.amend(one, uint32(from), type(uint32).max, uses, 10_000) {} catch {}
    }

    function _one(address who) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = who;
    }

    function _ids(uint32 first, uint32 second, uint32 third) private pure returns (uint32[] memory ids) {
        ids = new uint32[](3);
        (ids[0], ids[1], ids[2]) = (first, second, third);
    }
}
