// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {Attestation} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice Nodes, their fees, and what may be settled through one. See Nodes.tree.
contract NodesTest is Base {
    uint64 private constant SMALL = 5 * uint64(PRICE) + 7;
    uint256 private constant ROUND = 65_536;

    uint32 internal recording;
    uint256 internal nonce;

    // A set with a small cap replaces the first one.
    function setUp() public override {
        super.setUp();
        recording = _register();
        _replaceSet(SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL, SMALL));
    }

    function _given(uint256 price) internal view returns (Attestation memory given) {
        given = _attestation(_entry(recording, 1e6));
        (given.price, given.nodeFee) = (price, price * NODE_CAP_BPS / 10_000);
    }

    function _spend(uint256 price) internal {
        _settle(_order(nonce++), _given(price));
    }

    function _full(uint256 price) internal {
        bytes4 bad = INodes.Nodes_CapReached.selector;
        bytes memory reason = abi.encodeWithSelector(bad, node, ledger.nodeSpent(node) + price, SMALL);
        _refuse(_order(nonce), _given(price), reason);
    }

    function _spendAll() internal {
        for (uint256 i = 0; i < 5; i++) {
            _spend(PRICE);
        }
        _spend(7);
        vm.assertEq(ledger.nodeSpent(node), SMALL, "all");
    }

    function test_ExactlyTheCapSettlesAndOneMoreIsRefused() public {
        _spendAll();
        _full(1);
        _spend(0);
    }

    function test_TheNextEpochStartsAtZero() public {
        _spendAll();
        vm.warp((_now() / WINDOW + 1) * WINDOW - 1);
        _full(1);
        vm.warp(_now() + 1);
        vm.assertEq(ledger.nodeSpent(node), 0, "spent");
        _spendAll();
        _full(1);
    }

    function test_EveryNodeHasItsOwnCount() public {
        _spendAll();
        vm.prank(admin);
        ledger.allowNode(owner, true);
        Attestation memory given = _given(PRICE);
        given.node = owner;
        _settle(_order(nonce), given);
        vm.assertEq(ledger.nodeSpent(owner), PRICE, "spent");
    }

    function test_AWithdrawalDoesNotResetTheCount() public {
        _spend(PRICE);
        _mature();
        _spendAll();
        vm.assertTrue(ledger.withdrawNode(node) != 0, "paid");
        vm.assertEq(ledger.nodeSpent(node), SMALL, "spent");
        _full(1);
    }

    function test_AWithdrawalInALaterEpochDoesNotRestoreTheCount() public {
        _spendAll();
        _mature();
        ledger.withdrawNode(node);
        vm.assertEq(ledger.nodeSpent(node), 0, "spent");
        _spendAll();
    }

    function test_ASweepNeitherResetsNorRestoresTheCount() public {
        vm.prank(admin);
        ledger.setReceivers(node, owner);
        address[] memory payers = new address[](1);
        payers[0] = payer;
        _spendAll();
        ledger.sweep(payers);
        vm.assertEq(ledger.nodeSpent(node), SMALL, "reset");
        _full(1);
        vm.warp(_now() + WINDOW);
        ledger.sweep(payers);
        vm.assertEq(ledger.nodeSpent(node), 0, "brought back");
        _spendAll();
    }

    function test_LosingAndRegainingTheRightDoesNotResetTheCount() public {
        _spendAll();
        vm.startPrank(admin);
        ledger.allowNode(node, false);
        ledger.allowNode(node, true);
        vm.stopPrank();
        _full(1);
    }

    function test_After65536EpochsTheOldCountCountsOnceMore() public {
        _spend(PRICE);
        // Epochs are counted modulo 65,536: after exactly that many the old total counts once more, and nothing is due
        // early.
        vm.warp(_now() + ROUND * WINDOW);
        vm.assertEq(ledger.nodeSpent(node), PRICE, "counted again");
        vm.assertEq(ledger.nodeBalance(node), 0, "not due");
        vm.warp(_now() + WINDOW);
        vm.assertEq(ledger.nodeSpent(node), 0, "one later");
    }

    function test_AFeeWaitsForTheWindow() public {
        _spend(PRICE);
        uint256 fee = PRICE * NODE_CAP_BPS / 10_000;
        vm.assertEq(ledger.nodeDisputable(node), fee, "disputable");
        vm.warp((_now() / WINDOW + 2) * WINDOW - 1);
        vm.assertEq(ledger.withdrawNode(node), 0, "too early");
        vm.assertEq(ledger.nodeDisputable(node), fee, "still disputable");
        vm.warp(_now() + 1);
        vm.assertEq(ledger.nodeBalance(node), fee, "balance");
        vm.expectEmit(address(ledger));
        emit INodes.NodeWithdrawn(node, fee);
        vm.assertEq(ledger.withdrawNode(node), fee, "amount");
        vm.assertEq(token.balanceOf(node), fee, "paid");
        vm.recordLogs();
        vm.assertEq(ledger.withdrawNode(node), 0, "twice");
        vm.assertEq(vm.getRecordedLogs().length, 0, "nothing told");
        vm.assertEq(ledger.isNodeAllowed(node), true, "allowed");
    }

    function test_ANodeThatIsNoLongerAllowedKeepsWhatItEarned() public {
        _spend(PRICE);
        uint256 fee = PRICE * NODE_CAP_BPS / 10_000;
        vm.expectEmit(address(ledger));
        emit INodes.NodeAllowed(node, false);
        vm.prank(admin);
        ledger.allowNode(node, false);
        _mature();
        vm.assertEq(ledger.withdrawNode(node), fee, "amount");
        vm.assertEq(ledger.isNodeAllowed(node), false, "allowed");
    }
}
