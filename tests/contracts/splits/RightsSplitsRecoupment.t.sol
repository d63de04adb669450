// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Form, IRightsSplits, Recoupment} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice A first amount goes to one recipient. See RightsSplitsRecoupment.tree.
contract RightsSplitsRecoupmentTest is SplitsBase {
    address private constant OTHER_LEDGER = address(0x1ED6E4);
    bytes32 private constant DEAL = keccak256("deal");

    /// @dev LABEL recoups `amount` of what ANN and BOB share equally.
    function _deal(uint128 amount) private returns (uint32) {
        uint32 through = splits.createTable(_two(_holder(ANN, 500_000), _holder(BOB, 500_000)));
        return splits.createRecoupment(through, LABEL, amount, DEAL);
    }

    function test_RefusedWithoutRecipientOrAmount() public {
        uint32 through = _all(ANN);
        vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_NoPayee.selector, 0));
        splits.createRecoupment(through, address(0), 1, DEAL);
        vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_NoAmount.selector));
        splits.createRecoupment(through, LABEL, 0, DEAL);
    }

    function test_RefusedWhenTooDeepOrTooLarge() public {
        uint32 through = _many(0, 100);
        vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_TooManyRows.selector, 101, 100));
        splits.createRecoupment(through, LABEL, 1, DEAL);

        uint32 split = _deal(1);
        split = splits.createRecoupment(split, BOB, 1, DEAL);
        bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_TooDeep.selector, 4, 3);
        vm.expectRevert(reason);
        splits.createRecoupment(split, CEM, 1, DEAL);
        _refuse(_one(_inner(split, 1e6)), reason);
    }

    function test_ADealHasOneIdAndSaysItsTerms() public {
        uint32 through = _all(ANN);
        vm.expectEmit(address(splits));
        emit IRightsSplits.RecoupmentCreated(2, through, LABEL, type(uint128).max, DEAL);
        uint32 split = splits.createRecoupment(through, LABEL, type(uint128).max, DEAL);
        vm.recordLogs();
        vm.assertEq(splits.createRecoupment(through, LABEL, type(uint128).max, DEAL), split, "again");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
        vm.assertEq(splits.createRecoupment(through, LABEL, type(uint128).max, 0), 3, "another deal");

        Recoupment memory terms = Recoupment(through, LABEL, type(uint128).max, DEAL);
        vm.assertEq(abi.encode(splits.recoupment(split)), abi.encode(terms), "terms");
        vm.assertTrue(splits.shape(split).form == Form.RECOUPMENT, "form");
        vm.assertEq(splits.shape(split).deals, 1, "deals");
    }

    function test_TheFirstSoMuchGoesToTheRecipientThenAllThroughTheTable() public {
        uint32 split = _deal(100);
        _divides(split, 60, [LABEL, ANN, BOB], [uint256(60), 0, 0]);
        _divides(split, 0, [LABEL, ANN, BOB], [uint256(0), 0, 0]);
        vm.assertEq(splits.recouped(address(this), split), 60, "so far");
        _divides(split, 51, [LABEL, ANN, BOB], [uint256(40), 5, 6]);
        vm.assertEq(splits.recouped(address(this), split), 100, "all");
        _divides(split, 51, [LABEL, ANN, BOB], [uint256(0), 25, 26]);
        vm.assertEq(splits.recouped(address(this), split), 100, "no more");
    }

    function test_SaysWhenItMovesAndWhenItIsDone() public {
        uint32 split = _deal(100);
        vm.expectEmit(address(splits));
        emit IRightsSplits.Recouped(address(this), split, 99, 99);
        vm.recordLogs();
        splits.divide(split, 99);
        splits.divide(split, 0);
        vm.assertEq(vm.getRecordedLogs().length, 1, "once");

        vm.expectEmit(address(splits));
        emit IRightsSplits.Recouped(address(this), split, 1, 100);
        vm.expectEmit(address(splits));
        emit IRightsSplits.RecoupmentDone(address(this), split);
        splits.divide(split, 7);

        vm.recordLogs();
        splits.divide(split, 7);
        vm.assertEq(vm.getRecordedLogs().length, 0, "done");
    }

    function test_EachLedgerRecoupsForItself() public {
        uint32 split = _deal(100);
        vm.prank(OTHER_LEDGER);
        splits.divide(split, 100);
        vm.assertEq(splits.recouped(OTHER_LEDGER, split), 100, "other");
        vm.assertEq(splits.recouped(address(this), split), 0, "this");
        _divides(split, 10, [LABEL, ANN, BOB], [uint256(10), 0, 0]);

        (, uint256[] memory amounts,) = splits.preview(OTHER_LEDGER, split, 10);
        vm.assertEq(amounts[0], 0, "preview for the other");
        vm.assertEq(splits.recouped(address(this), split), 10, "preview moves nothing");
    }

    function test_TwoDealsWithTheSameTermsRecoupApart() public {
        uint32 split = _deal(100);
        uint32 other = splits.createRecoupment(splits.recoupment(split).table, LABEL, 100, 0);
        splits.divide(split, 100);
        _divides(other, 10, [LABEL, ANN, BOB], [uint256(10), 0, 0]);
    }

    function test_RecoupsInATableFromItsPartOnly() public {
        uint32 deal = splits.createRecoupment(_all(ANN), LABEL, 100, DEAL);
        uint32 split = splits.createTable(_two(_inner(deal, 250_000), _holder(BOB, 750_000)));
        _divides(split, 100, [LABEL, ANN, BOB], [uint256(25), 0, 75]);
        _divides(split, 400, [LABEL, ANN, BOB], [uint256(75), 25, 300]);
    }

    function test_RecoupsAsOnePartOfTwo() public {
        uint32 deal = splits.createRecoupment(_all(ANN), LABEL, 100, DEAL);
        uint32 pies = splits.createPies(deal, _all(BOB), 500_000);
        _divides(pies, 300, [LABEL, ANN, BOB], [uint256(100), 50, 150]);
    }

    function test_OneAdvanceAfterAnother() public {
        uint32 first = splits.createRecoupment(_all(ANN), BOB, 50, DEAL);
        uint32 split = splits.createRecoupment(first, LABEL, 100, DEAL);
        _divides(split, 120, [LABEL, BOB, ANN], [uint256(100), 20, 0]);
        _divides(split, 40, [LABEL, BOB, ANN], [uint256(0), 30, 10]);
    }

    /// @dev One deal in both parts: what the first part recoups, the second no longer owes.
    function test_MetTwiceInOnePaymentItRecoupsOnce() public {
        uint32 deal = splits.createRecoupment(_all(ANN), LABEL, 100, DEAL);
        uint32 pies = splits.createPies(deal, deal, 600_000);
        vm.recordLogs();
        (, uint256[] memory amounts,) = splits.divide(pies, 150);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(abi.encode(amounts[0], amounts[1], amounts[2], amounts[3]), abi.encode(90, 0, 10, 50), "parts");
        vm.assertEq(splits.recouped(address(this), deal), 100, "recouped");
        vm.assertEq(logs.length, 2, "logs");
        vm.assertEq(logs[0].data, abi.encode(100, 100), "said in one");
    }
}
