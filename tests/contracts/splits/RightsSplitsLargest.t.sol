// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {vm} from "../support/Vm.sol";

/// @notice The splits that cost most to divide. See RightsSplitsLargest.tree.
contract RightsSplitsLargestTest is SplitsBase {
    // The limit that the interface promises.
    uint256 private constant MOST_GAS = 3_000_000;

    uint32 private deals;
    uint32 private chains;

    // Created here and not in the tests, because slots that a transaction has touched before cost less.
    function setUp() public override {
        super.setUp();
        deals = _makeDeals(25, 0, 40_000);
        deals = splits.createPies(deals, _makeDeals(25, 25, 40_000), 500_000);
        chains = _makeChains();
    }

    // The most possible recoupments, each over its own table, with a holder who has claimed.
    function _makeDeals(uint256 count, uint256 from, uint32 share) private returns (uint32) {
        Row[] memory rows = new Row[](count);
        for (uint256 i = 0; i < count; i++) {
            _claim(1 + from + i, ANN);
            uint32 inner = splits.createTable(_one(_pending(vm.addr(1 + from + i), 1e6)));
            rows[i] = _inner(splits.createRecoupment(inner, LABEL, 1, 0), share);
        }
        return splits.createTable(rows);
    }

    // The most possible tables.
    function _makeChains() private returns (uint32) {
        Row[] memory rows = new Row[](100);
        for (uint256 i = 0; i < rows.length; i++) {
            uint32 inner = splits.createTable(_one(_pending(vm.addr(1_000 + i), 1e6)));
            rows[i] = _inner(splits.createTable(_one(_inner(inner, 1e6))), 10_000);
        }
        return splits.createTable(rows);
    }

    function test_HundredRows() public view {
        vm.assertEq(splits.shape(deals).rows, 100, "rows");
        vm.assertEq(splits.shape(deals).deals, 50, "deals");
        vm.assertEq(splits.shape(chains).rows, 100, "rows");
    }

    function test_FiftyRecoupmentsDoneAtOnceTakeBoundedGas() public {
        _divideWithin(deals);
        vm.assertEq(splits.recouped(address(this), 2), 1, "recouped");
    }

    function test_TwoHundredTablesTakeBoundedGas() public {
        _divideWithin(chains);
    }

    function _divideWithin(uint32 split) private {
        uint256 before = gasleft();
        splits.divide(split, type(uint64).max);
        uint256 used = before - gasleft();
        vm.assertTrue(used < MOST_GAS, "gas");
    }

    function test_NoAmountIsRefused() public {
        uint256[5] memory amounts = [0, 1, 999_999, uint256(type(uint64).max) - 1, type(uint64).max];
        for (uint256 i = 0; i < amounts.length; i++) {
            _divided(deals, amounts[i]);
            _divided(chains, amounts[i]);
        }
    }
}
