// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRightsSplits, Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {vm} from "../support/Vm.sol";

/// @notice Tables in tables. See RightsSplitsNested.tree.
contract RightsSplitsNestedTest is SplitsBase {
    function test_RefusedWithATableThatDoesNotExist() public {
        bytes4 bad = IRightsSplits.RightsSplits_Unknown.selector;
        _all(ANN);
        _refuse(_one(_inner(0, 1e6)), abi.encodeWithSelector(bad, 0));
        _refuse(_one(_inner(3, 1e6)), abi.encodeWithSelector(bad, 3));
    }

    /// @dev The only way to a cycle: a table that names its own future id.
    function test_RefusedWithItself() public {
        uint32 own = uint32(splits.count() + 1);
        bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_Unknown.selector, own);
        _refuse(_one(_inner(own, 1e6)), reason);
        _refuse(_two(_holder(ANN, 1), _inner(own, 999_999)), reason);
        vm.expectRevert(reason);
        splits.createRecoupment(own, LABEL, 1, 0);
        vm.expectRevert(reason);
        splits.createPies(own, own, 1);
    }

    function test_RefusedWithATableNamedTwice() public {
        uint32 inner = _all(ANN);
        bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_RepeatedTable.selector, inner);
        _refuse(_two(_inner(inner, 1), _inner(inner, 999_999)), reason);
    }

    function test_RefusedWhenTooDeep() public {
        uint32 one = _all(ANN);
        uint32 two = splits.createTable(_two(_holder(BOB, 1), _inner(one, 999_999)));
        uint32 three = splits.createTable(_two(_inner(two, 1), _inner(one, 999_999)));
        vm.assertEq(splits.shape(three).depth, 3, "depth");
        bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_TooDeep.selector, 4, 3);
        _refuse(_two(_inner(one, 1), _inner(three, 999_999)), reason);
        _refuse(_two(_inner(three, 1), _inner(one, 999_999)), reason);
    }

    function test_RefusedWithTooManyRows() public {
        (uint32 sixty, uint32 forty) = (_many(0, 60), _many(1, 40));
        uint32 whole = splits.createTable(_two(_inner(sixty, 1), _inner(forty, 999_999)));
        vm.assertEq(splits.shape(whole).rows, 100, "rows");
        Row[] memory rows = new Row[](3);
        (rows[0], rows[1], rows[2]) = (_inner(sixty, 1), _inner(forty, 1), _holder(ANN, 999_998));
        _refuse(rows, abi.encodeWithSelector(IRightsSplits.RightsSplits_TooManyRows.selector, 101, 100));

        // More than fits into the byte that counts rows.
        rows[2] = _inner(_many(2, 100), 999_998);
        rows[1] = _inner(_many(3, 97), 1);
        _refuse(rows, abi.encodeWithSelector(IRightsSplits.RightsSplits_TooManyRows.selector, 257, 100));
    }

    function test_ANumberIsATableAndAnAddress() public {
        uint32 inner = _all(ANN);
        uint32 split = splits.createTable(_two(_inner(inner, 1), _holder(address(uint160(inner)), 999_999)));
        vm.assertEq(splits.shape(split).rows, 2, "rows");
    }

    function test_PutsInnerRowsInTheirPlace() public {
        uint32 inner = splits.createTable(_two(_holder(CEM, 500_000), _holder(ANN, 500_000)));
        uint32 split = splits.createTable(_two(_inner(inner, 333_333), _holder(ANN, 666_667)));
        // Of 100: 33 inside, divided into 16 and 17; 67 beside them. ANN occurs twice.
        _divides(split, 100, [CEM, ANN, ANN], [uint256(16), 17, 67]);
        _divides(split, 1, [CEM, ANN, ANN], [uint256(0), 0, 1]);
        _divides(split, 0, [CEM, ANN, ANN], [uint256(0), 0, 0]);

        split = splits.createTable(_two(_holder(ANN, 666_667), _inner(inner, 333_333)));
        _divides(split, 100, [ANN, CEM, ANN], [uint256(66), 17, 17]);
    }
}
