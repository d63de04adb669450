// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch, IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BatchBase} from "../support/BatchBase.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice Values exactly at a limit of a word that a batch writes. See Batch.tree.
contract BatchLimitsTest is BatchBase {
    uint256 private constant MOST = type(uint48).max;
    uint256 private constant MOST_MATURED = type(uint56).max;
    uint256 private constant FIRST_SLOT = 2 ** 33;
    uint256 private constant POOR_KEY = 99;

    function settleSinglyFromOutside(uint256 i) external {
        _settleSingly(i);
    }

    function _addPriced(uint256 nonce, uint256 price, uint256 nodeFee, bytes memory entries) private {
        _add(nonce, entries);
        uint256 i = orders.length - 1;
        (orders[i].maxPrice, attestations[i].price, attestations[i].nodeFee) = (price, price, nodeFee);
    }

    /// @dev Item `i` of the batch is skipped, all others are settled.
    function _skip(uint256 i, bytes4 reason) private {
        vm.recordLogs();
        _settleBatch();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 j = 0; j < orders.length; j++) {
            bytes32 kind = j == i ? IBatches.Skipped.selector : IBatches.SettledInBatch.selector;
            vm.assertEq(logs[j].topics[0], kind, "kind");
        }
        vm.assertEq(logs[i].data, abi.encode(reason), "why");
    }

    /// @dev At the third generation the escrow equals the price and the room for fees equals the fee. Only the pool has
    /// no room.
    function _threeUpToTheLimits() private {
        _replaceSet(SetTerms(5_000, 0, SET_UNTIL, type(uint64).max));
        address poor = vm.addr(POOR_KEY);
        _fund(poor, 2 * MOST + 2);
        _addPriced(0, MOST, 0, _entry(0, 1_000_000));
        _addPriced(1, 2, 0, _entry(first, 1_000_000));
        _addPriced(2, MOST, 0, _entry(0, 1_000_000));
        for (uint256 i = 0; i < 3; i++) {
            (orders[i].payer, keys[i]) = (poor, POOR_KEY);
        }
    }

    function test_AnAccountAtItsLimitIsNotTheReasonToRefuse() public {
        _threeUpToTheLimits();
        _settleSingly(0);
        _settleSingly(1);
        uint256 share = (MOST + 1) / 2;
        vm.expectRevert(abi.encodeWithSelector(IEscrow.Escrow_PoolFull.selector, share, share));
        this.settleSinglyFromOutside(2);
        vm.assertEq(ledger.accounts(vm.addr(POOR_KEY)).escrow, MOST, "escrow");
        vm.assertEq(ledger.accounts(vm.addr(POOR_KEY)).protocolFees, MOST - (MOST - 1) / 2, "fees");
    }

    function test_AnAccountAtItsLimitIsNotTheReasonToSkip() public {
        _threeUpToTheLimits();
        _skip(2, IEscrow.Escrow_PoolFull.selector);
        vm.assertEq(ledger.accounts(vm.addr(POOR_KEY)).escrow, MOST, "escrow");
    }

    function test_ALateNonceFillsThePoolToItsLimit() public {
        _replaceSet(SetTerms(0, 0, SET_UNTIL, type(uint64).max));
        _fund(payer, MOST);
        _addPriced(5, 1, 0, _entry(first, 1_000_000));
        _addPriced(0, MOST, 0, _entry(0, 1_000_000));
        _settleBatch();
        vm.assertTrue(ledger.isNonceUsed(payer, 0), "nonce");
        vm.assertEq(ledger.accounts(payer).pool, MOST, "held");
    }

    function _slotOf(address who) private view returns (bytes32) {
        uint256 base = FIRST_SLOT;
        while (vm.load(address(ledger), keccak256(abi.encode(node, base))) == 0) base++;
        return keccak256(abi.encode(who, base));
    }

    /// @dev Sets a word that years of settlements would produce.
    function _matured(uint256 amount) private {
        bytes32 slot = _slotOf(node);
        uint256 word = uint256(vm.load(address(ledger), slot));
        // The older part of the amount open to dispute in the first epoch is in the field above the matured amount.
        uint256 bucket = amount > MOST_MATURED ? MOST_MATURED | (amount - MOST_MATURED) << 56 : amount;
        vm.store(address(ledger), slot, bytes32(word | bucket));
        vm.assertEq(ledger.nodeBalance(node), amount, "matured");
    }

    function test_ANodeWithTheMostMaturedStillEarns() public {
        _matured(MOST_MATURED);
        _add(0, _two());
        _settleBatch();
        vm.assertEq(ledger.nodeDisputable(node), NODE_FEE, "disputable");
        vm.assertEq(ledger.nodeBalance(node), MOST_MATURED, "balance");
    }

    function test_ANodeWithTooMuchMaturedIsSkipped() public {
        _matured(MOST_MATURED + 1);
        bytes32 word = vm.load(address(ledger), _slotOf(node));
        _add(0, _two());
        _skip(0, INodes.Nodes_Full.selector);
        vm.assertEq(vm.load(address(ledger), _slotOf(node)), word, "word");
        vm.assertEq(ledger.nodeBalance(node), MOST_MATURED + 1, "balance");
    }

    function test_WhatANodeEarnedBeforeLeavesLessRoom() public {
        _replaceSet(SetTerms(0, 5_000, SET_UNTIL, type(uint64).max));
        _fund(payer, 2 * MOST);
        _addPriced(0, MOST, MOST / 2, _entry(first, 1_000_000));
        _addPriced(1, MOST, MOST / 2, _entry(second, 1_000_000));
        _settleBatch();
        _forget();

        uint32 third = _register();
        _addPriced(2, 100, 2, _entry(third, 1_000_000));
        _addPriced(3, 100, 1, _entry(third, 1_000_000));
        _skip(0, INodes.Nodes_Full.selector);
        vm.assertEq(ledger.nodeDisputable(node), MOST, "filled");
    }

    function test_APriceIsCountedThoughTheNodeEarnsNothing() public {
        _addPriced(0, 1, 0, _two());
        _settleBatch();
        vm.assertEq(ledger.nodeSpent(node), 1, "the least");

        _forget();
        _addPriced(1, PRICE, 0, _two());
        _settleBatch();
        vm.assertEq(ledger.nodeSpent(node), 1 + PRICE, "more");
    }

    function test_NothingIsWrittenForANodeThatIsOnlyListed() public {
        address another = address(0xFACE);
        _add(0, _two());
        Batch memory batch = _batch();
        batch.nodes = new address[](2);
        (batch.nodes[0], batch.nodes[1]) = (node, another);
        ledger.settleBatch(batch, _batchQuorum());
        vm.assertEq(vm.load(address(ledger), _slotOf(another)), 0, "word");
    }

    function _fill(uint256 nonce, uint32 recording) private {
        _fund(payer, 2 * MOST);
        _addPriced(nonce, MOST, 0, _entry(recording, 1_000_000));
        _addPriced(nonce + 1, MOST, 0, _entry(recording, 1_000_000));
    }

    function test_TheFullRecordingIsNamedAmongThoseCredited() public {
        _add(0, _two());
        _fill(1, second);
        _refuseBatch(abi.encodeWithSelector(IRoyaltyLedger.Settlement_RecordingFull.selector, second));
    }

    function test_NeitherThePoolNorAnUncreditedRecordingIsNamedFull() public {
        vm.warp(_now() + 3 * WINDOW);
        _add(0, bytes.concat(_entry(0, 500_000), _entry(second, 500_000)));
        _addPriced(1, 0, 0, _entry(first, 1_000_000));
        _fill(2, second);
        _refuseBatch(abi.encodeWithSelector(IRoyaltyLedger.Settlement_RecordingFull.selector, second));
    }

    function test_TakesEveryUseAtOnce() public {
        _add(0, _two());
        orders[0].use = 15;
        _settleBatch();
        vm.assertTrue(ledger.isNonceUsed(payer, 0), "settled");
    }

    function test_TakesFortyGenerations() public {
        _addForty();
        _settleBatch();
        vm.assertEq(ledger.accounts(payer).nextNonce, 40, "nonce");
        vm.assertEq(ledger.nodeSpent(node), 40 * PRICE, "spent");
    }

    function test_TakesAListOfFortyOrders() public {
        _addForty();
        _settleList();
        vm.assertEq(ledger.accounts(payer).nextNonce, 40, "nonce");
        vm.assertEq(ledger.nodeSpent(node), 40 * PRICE, "spent");
    }

    function _addForty() private {
        for (uint256 nonce = 0; nonce < 40; nonce++) {
            _add(nonce, _two());
        }
    }
}
