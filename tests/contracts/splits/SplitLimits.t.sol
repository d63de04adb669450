// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRightsSplits, Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {vm} from "../support/Vm.sol";

/// @notice Faults in the first row of a table and between its last two, and the contract that stores it. See RightsSplits.tree.
contract SplitLimitsTest is SplitsBase {
    function test_TheFirstRowNeedsAPayee() public {
        Row[] memory rows = _two(_holder(address(0), 1), _holder(BOB, 999_999));
        _refuse(rows, abi.encodeWithSelector(IRightsSplits.RightsSplits_NoPayee.selector, 0));
    }

    function test_TheLastPayeeIsNotTheOneBeforeIt() public {
        Row[] memory rows = new Row[](3);
        (rows[0], rows[1], rows[2]) = (_holder(ANN, 1), _holder(BOB, 1), _holder(BOB, 999_998));
        _refuse(rows, abi.encodeWithSelector(IRightsSplits.RightsSplits_RepeatedPayee.selector, BOB));
    }

    function test_ACallToWhatKeepsASplitDoesNothing() public {
        uint32 split = _all(ANN);
        uint256 base;
        while (vm.load(address(splits), keccak256(abi.encode(split, base))) == 0) base++;
        address blob = address(uint160(uint256(vm.load(address(splits), keccak256(abi.encode(split, base))))));
        vm.assertTrue(blob.code.length != 0, "kept");
        (bool done, bytes memory answer) = blob.call("");
        vm.assertTrue(done, "done");
        vm.assertEq(answer.length, 0, "nothing");
    }
}
