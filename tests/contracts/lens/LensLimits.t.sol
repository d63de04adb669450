// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingView, Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {IRoyaltyLens, NodeView, PayerView, Quote, SetSummary} from "../../../contracts/interfaces/IRoyaltyLens.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Views over a ledger, for several items and exactly up to a limit. See RoyaltyLens.tree.
contract LensLimitsTest is Disputed {
    IRoyaltyLens private lens;

    function setUp() public override {
        super.setUp();
        lens = IRoyaltyLens(vm.deployCode("RoyaltyLens.sol:RoyaltyLens", abi.encode(ledger)));
    }

    function test_ASecondRecordingIsShown() public view {
        uint32[] memory ids = new uint32[](2);
        (ids[0], ids[1]) = (one, two);
        RecordingView[] memory found = lens.recordings(ids);
        vm.assertEq(found[1].owner, owner, "owner");
    }

    function test_ASecondPayerIsShown() public view {
        address[] memory who = new address[](2);
        who[1] = payer;
        PayerView[] memory found = lens.payers(who);
        vm.assertEq(found[1].escrow, ESCROW, "escrow");
    }

    function test_ASecondNodeIsShown() public view {
        address[] memory who = new address[](2);
        who[1] = node;
        NodeView[] memory found = lens.nodes(who);
        vm.assertTrue(found[1].allowed, "allowed");
    }

    function test_ASecondSetIsShown() public view {
        bytes32[] memory ids = new bytes32[](2);
        ids[1] = set;
        SetSummary[] memory found = lens.sets(ids);
        vm.assertEq(found[1].terms.until, SET_UNTIL, "until");
    }

    function test_AConsentThatLacksTheFirstUseStands() public {
        Terms memory terms = _terms();
        terms.uses = 2;
        vm.assertTrue(lens.consentAt(_register(terms), _now()).stands, "stands");
    }

    function test_QuotesTheLargestPrice() public view {
        uint256 most = type(uint48).max;
        uint256 fee = most * PROTOCOL_BPS / 10_000;
        Quote memory found = lens.quote(set, most, 0);
        vm.assertEq(found.royalty, most - fee, "royalty");
    }

    function test_APageEndsBeforeOneThatConsentsToo() public view {
        (uint32[] memory ids, uint32 next) = lens.inferenceSet(one, 1, _now());
        vm.assertEq(ids.length, 1, "length");
        vm.assertEq(ids[0], one, "one");
        vm.assertEq(next, two, "next");
    }
}
