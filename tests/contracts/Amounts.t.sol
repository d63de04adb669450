// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Registration} from "../../contracts/interfaces/ICatalogue.sol";
import {AccountView, IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {Attestation, IRoyaltyLedger, Order} from "../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// @notice That divided amounts sum exactly, up to the edge of what the words hold. See Settle.tree.
contract AmountsTest is Base {
    uint256 private constant MOST = type(uint56).max;
    uint256 private constant MOST_HELD = type(uint48).max;

    uint32 internal first;

    function setUp() public override {
        super.setUp();
        first = _register();
        for (uint256 i = 0; i < 20; i++) {
            _register();
        }
        _fund(payer, type(uint64).max - ESCROW);
    }

    function _pay(uint256 nonce, uint256 price, bytes memory entries) internal {
        (Order memory order, Attestation memory given) = _priced(nonce, price, entries);
        _settle(order, given);
    }

    function _priced(uint256 nonce, uint256 price, bytes memory entries)
        internal
        view
        returns (Order memory order, Attestation memory given)
    {
        order = _order(nonce);
        order.maxPrice = price;
        given = _attestation(entries);
        (given.price, given.nodeFee) = (price, price * NODE_CAP_BPS / 10_000);
    }

    function _royalty(uint256 price) internal pure returns (uint256) {
        return price - price * NODE_CAP_BPS / 10_000 - price * PROTOCOL_BPS / 10_000;
    }

    function testFuzz_DividedAmountsSumExactly(uint256 price, uint256 count, uint256 seed, bool pooled) public {
        price = _bound(price, 0, 3e14);
        count = _bound(count, 1, 20);
        bytes memory entries;
        uint256 left = 1e6;
        for (uint256 i = 0; i < count; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 weight = i + 1 == count ? left : 1 + seed % (left - (count - i - 1));
            left -= weight;
            entries = bytes.concat(entries, _entry(pooled && i == 0 ? 0 : first + i, weight));
        }
        _pay(0, price, entries);
        _sums(price, count);
    }

    function _sums(uint256 price, uint256 count) private view {
        AccountView memory account = ledger.accounts(payer);
        uint256 divided = account.pool;
        for (uint256 i = 0; i < count; i++) {
            divided += ledger.recordings(uint32(first + i)).unclaimed;
        }
        uint256 fees = account.protocolFees + ledger.nodeBalance(node);
        vm.assertEq(divided, _royalty(price), "royalty");
        vm.assertEq(divided + fees + account.escrow, type(uint64).max, "everything");
    }

    function test_RefusedWhenARecordingsWordIsFull() public {
        uint256 price = 6e16;
        _sweepable();
        uint256 parts = 6;
        for (uint256 i = 0; i < parts; i++) {
            _pay(i, price / parts, _entry(first, 1e6));
            _sweep();
        }
        uint256 had = ledger.recordings(first).unclaimed;
        uint256 more = _royalty(price);
        vm.assertTrue(had + more > MOST, "too little to test with");
        // Its fees would not fit either, but the recording is credited, and so refused, first.
        (Order memory order, Attestation memory given) = _priced(9, price, _entry(first, 1e6));
        bytes4 full = IRoyaltyLedger.Settlement_RecordingFull.selector;
        _refuse(order, given, abi.encodeWithSelector(full, first, had, more));
    }

    function test_RefusedWhenThereIsNoRoomForFees() public {
        uint256 price = MOST_HELD * 10_000 / PROTOCOL_BPS;
        _pay(0, price, _entry(first, 1e6));
        uint256 held = ledger.accounts(payer).protocolFees;
        (Order memory order, Attestation memory given) = _priced(1, 1e6, _entry(first, 1e6));
        _refuse(order, given, abi.encodeWithSelector(IEscrow.Escrow_FeesFull.selector, held, 25_000));

        _sweepable();
        _sweep();
        _settle(order, given);
    }

    function test_RefusedWhenThereIsNoRoomForThePool() public {
        uint256 price = MOST_HELD * 1_000 / 875;
        _pay(0, price, _entry(0, 1e6));
        uint256 held = ledger.accounts(payer).pool;
        (Order memory order, Attestation memory given) = _priced(1, 1e6, _entry(0, 1e6));
        _refuse(order, given, abi.encodeWithSelector(IEscrow.Escrow_PoolFull.selector, held, 875_000));

        _sweepable();
        _sweep();
        _settle(order, given);
    }

    function _sweepable() private {
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE), address(0xB00));
    }

    function _sweep() private {
        address[] memory payers = new address[](1);
        payers[0] = payer;
        ledger.sweep(payers);
    }
}
