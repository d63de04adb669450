// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountView, IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {Attestation, IRoyaltyLedger, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice Divided amounts sum exactly, up to the largest values of the words. See Settle.tree.
contract AmountsTest is Base {
    uint256 private constant MOST_PRICE = type(uint48).max;
    uint256 private constant RECORDINGS = 20;

    uint32 internal first;

    function setUp() public override {
        super.setUp();
        first = _register();
        for (uint256 i = 1; i < RECORDINGS; i++) {
            _register();
        }
        _fund(payer, type(uint64).max - ESCROW);
    }

    function _priced(uint256 nonce, uint256 price, uint256 fee, bytes memory entries)
        internal
        view
        returns (Order memory order, Attestation memory given)
    {
        order = _order(nonce);
        order.maxPrice = price;
        given = _attestation(entries);
        (given.price, given.nodeFee) = (price, fee);
    }

    // Everything else is at its limit, so the error must name the fee alone.
    function test_WhatIsAtItsLimitIsNotTheReason() public {
        uint256 most = MOST_PRICE * NODE_CAP_BPS / 10_000;
        (Order memory order, Attestation memory given) = _priced(0, MOST_PRICE, most + 1, _entry(first, 1e6));
        (order.use, order.deadline) = (15, given.generatedAt);
        vm.warp(_now() + MAX_LAG);
        bytes4 reason = IRoyaltyLedger.Settlement_NodeFeeAboveCap.selector;
        _refuse(order, given, abi.encodeWithSelector(reason, most + 1, most));
    }

    function _pay(uint256 nonce, uint256 price, uint256 fee, bytes memory entries) internal {
        (Order memory order, Attestation memory given) = _priced(nonce, price, fee, entries);
        _settle(order, given);
    }

    function _refusePrice(uint256 nonce, uint256 price, uint256 fee, bytes memory entries, bytes memory reason)
        internal
    {
        (Order memory order, Attestation memory given) = _priced(nonce, price, fee, entries);
        _refuse(order, given, reason);
    }

    function _all() internal view returns (bytes memory) {
        return _entry(first, 1e6);
    }

    function _sweep() internal {
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE), address(0xB00));
        address[] memory payers = new address[](1);
        payers[0] = payer;
        ledger.sweep(payers);
    }

    function testFuzz_DividedAmountsSumExactly(uint256 price, uint256 count, uint256 seed, bool pooled) public {
        price = _bound(price, 0, MOST_PRICE);
        count = _bound(count, 1, RECORDINGS);
        bytes memory entries;
        uint256 left = 1e6;
        for (uint256 i = 0; i < count; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 weight = i + 1 == count ? left : 1 + seed % (left - (count - i - 1));
            left -= weight;
            entries = bytes.concat(entries, _entry(pooled && i == 0 ? 0 : first + i, weight));
        }
        _pay(0, price, _bound(seed, 0, price * NODE_CAP_BPS / 10_000), entries);
        _sums(price, count);
    }

    function _sums(uint256 price, uint256 count) private view {
        AccountView memory account = ledger.accounts(payer);
        uint256 divided = account.pool;
        for (uint256 i = 0; i < count; i++) {
            divided += ledger.recordings(uint32(first + i)).disputable;
        }
        uint256 fee = price * PROTOCOL_BPS / 10_000;
        vm.assertEq(account.protocolFees, fee, "protocol");
        vm.assertEq(divided + fee + ledger.nodeDisputable(node), price, "price");
        vm.assertEq(account.escrow, type(uint64).max - price, "escrow");
    }

    function test_RefusedWithAPriceThatABucketCouldNotHold() public {
        bytes4 bad = IRoyaltyLedger.Settlement_PriceTooLarge.selector;
        bytes memory reason = abi.encodeWithSelector(bad, MOST_PRICE + 1, MOST_PRICE);
        _refusePrice(0, MOST_PRICE + 1, 0, _all(), reason);
        reason = abi.encodeWithSelector(bad, uint256(type(uint64).max), MOST_PRICE);
        _refusePrice(0, type(uint64).max, 0, _all(), reason);
        _pay(0, MOST_PRICE, 0, _all());
    }

    function test_RefusedWhenARecordingsEpochIsFull() public {
        _pay(0, MOST_PRICE, 0, _all());
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_RecordingFull.selector, first);
        _refusePrice(1, MOST_PRICE, 0, _all(), reason);
        uint256 room = MOST_PRICE - ledger.recordings(first).disputable;
        // Of a price of `x`, `x - x / 40` reaches the recording.
        uint256 price = room * 40 / 39;
        _pay(1, price, 0, _all());
        _refusePrice(2, 100, 0, _all(), reason);
        vm.warp(_now() + WINDOW);
        _pay(2, MOST_PRICE, 0, _all());
    }

    function test_RefusedWhenWhatHasMaturedIsFull() public {
        uint32[] memory ids = new uint32[](1);
        ids[0] = first;
        token.mint(address(this), type(uint56).max);
        token.approve(address(ledger), type(uint56).max);
        ledger.reward(ids, type(uint56).max);
        _pay(0, 100, 0, _all());
        vm.warp(_now() + WINDOW);
        _pay(1, 100, 0, _all());
        vm.warp(_now() + WINDOW);
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_RecordingFull.selector, first);
        _refusePrice(2, 100, 0, _all(), reason);
        ledger.withdraw(first);
        _pay(2, 100, 0, _all());
    }

    function test_RefusedWhenANodesEpochIsFull() public {
        _replaceSet(SetTerms(0, 5_000, SET_UNTIL, type(uint64).max));
        uint256 half = MOST_PRICE / 2;
        _pay(0, MOST_PRICE, half, _entry(first, 1e6));
        _pay(1, MOST_PRICE, half, _entry(first + 1, 1e6));
        bytes memory reason = abi.encodeWithSelector(INodes.Nodes_Full.selector, node, 2);
        _refusePrice(2, 100, 2, _entry(first + 2, 1e6), reason);
        _pay(2, 100, 1, _entry(first + 2, 1e6));
        vm.assertEq(ledger.nodeDisputable(node), MOST_PRICE, "the most");
    }

    function test_RefusedWhenThereIsNoRoomForFees() public {
        _replaceSet(SetTerms(5_000, 0, SET_UNTIL, CAP));
        _pay(0, MOST_PRICE, 0, _entry(first, 1e6));
        _pay(1, MOST_PRICE, 0, _entry(first + 1, 1e6));
        uint256 held = ledger.accounts(payer).protocolFees;
        bytes4 bad = IEscrow.Escrow_FeesFull.selector;
        _refusePrice(2, 100, 0, _entry(first + 2, 1e6), abi.encodeWithSelector(bad, held, 50));

        _sweep();
        _pay(2, 100, 0, _entry(first + 2, 1e6));
    }

    function test_RefusedWhenThereIsNoRoomForThePool() public {
        _pay(0, MOST_PRICE, 0, _entry(0, 1e6));
        uint256 held = ledger.accounts(payer).pool;
        uint256 share = 1e13 - 1e13 * uint256(PROTOCOL_BPS) / 10_000;
        bytes4 bad = IEscrow.Escrow_PoolFull.selector;
        _refusePrice(1, 1e13, 0, _entry(0, 1e6), abi.encodeWithSelector(bad, held, share));

        _sweep();
        _pay(1, 1e13, 0, _entry(0, 1e6));
    }

    /// @dev Whichever field overflows, nothing is settled partly.
    function testFuzz_HugeNumbersAreRefusedOrExact(uint256 price, uint256 fee, uint256 weight) public {
        (Order memory order, Attestation memory given) = _priced(0, price, fee, _entry(first, weight));
        order.maxPrice = type(uint256).max;
        try ledger.settle(order, _signOrder(order), given, _quorum(order, given)) {
            vm.assertTrue(price <= MOST_PRICE && fee <= price && uint32(weight) == 1e6, "in range");
        } catch {
            vm.assertEq(ledger.accounts(payer).escrow, type(uint64).max, "untouched");
        }
    }
}
