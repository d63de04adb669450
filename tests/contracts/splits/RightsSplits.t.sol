// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Form, IRightsSplits, Kind, Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {vm} from "../support/Vm.sol";

/// @notice Tables of holders. See RightsSplits.tree.
contract RightsSplitsTest is SplitsBase {
    function _rows(uint256 count) internal pure returns (address[] memory payees, uint32[] memory shares) {
        payees = new address[](count);
        shares = new uint32[](count);
        for (uint256 i = 0; i < count; i++) {
            payees[i] = address(uint160(uint256(keccak256(abi.encode(i)))));
            shares[i] = 1;
        }
        if (count != 0) shares[count - 1] = uint32(1e6 - count + 1);
    }

    function _refuseRows(address[] memory payees, uint32[] memory shares, bytes memory reason) internal {
        vm.expectRevert(reason);
        splits.create(payees, shares);
    }

    function test_RefusedWhenLengthsDiffer() public {
        (address[] memory payees,) = _rows(2);
        (, uint32[] memory shares) = _rows(3);
        _refuseRows(payees, shares, abi.encodeWithSelector(IRightsSplits.RightsSplits_LengthsDiffer.selector, 2, 3));
    }

    function test_RefusedWithNoneOrTooMany() public {
        bytes4 bad = IRightsSplits.RightsSplits_PayeeCount.selector;
        (address[] memory payees, uint32[] memory shares) = _rows(0);
        _refuseRows(payees, shares, abi.encodeWithSelector(bad, 0, 100));
        (payees, shares) = _rows(101);
        _refuseRows(payees, shares, abi.encodeWithSelector(bad, 101, 100));
    }

    function test_RefusedWithABadPayee() public {
        (address[] memory payees, uint32[] memory shares) = _rows(3);
        payees[2] = payees[0];
        bytes4 twice = IRightsSplits.RightsSplits_RepeatedPayee.selector;
        _refuseRows(payees, shares, abi.encodeWithSelector(twice, payees[0]));
        payees[1] = address(0);
        bytes memory none = abi.encodeWithSelector(IRightsSplits.RightsSplits_NoPayee.selector, 1);
        _refuseRows(payees, shares, none);
        _refuse(_two(_holder(ANN, 1), _pending(address(0), 999_999)), none);
    }

    function test_RefusedWithOneAddressKnownAndPending() public {
        bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_RepeatedPayee.selector, ANN);
        _refuse(_two(_holder(ANN, 1), _pending(ANN, 999_999)), reason);
    }

    function test_RefusedWithARowOfTwoKinds() public {
        bytes4 bad = IRightsSplits.RightsSplits_Ambiguous.selector;
        uint32 inner = _all(ANN);
        _refuse(_one(Row(Kind.HOLDER, ANN, inner, 1e6)), abi.encodeWithSelector(bad, 0));
        _refuse(_one(Row(Kind.PENDING, ANN, inner, 1e6)), abi.encodeWithSelector(bad, 0));
        _refuse(_two(_holder(BOB, 1), Row(Kind.TABLE, ANN, inner, 999_999)), abi.encodeWithSelector(bad, 1));
    }

    function test_RefusedWithBadShares() public {
        (address[] memory payees, uint32[] memory shares) = _rows(3);
        shares[2] += 1;
        bytes4 sum = IRightsSplits.RightsSplits_SharesDoNotSum.selector;
        _refuseRows(payees, shares, abi.encodeWithSelector(sum, 1_000_001));
        shares[1] = 0;
        _refuseRows(payees, shares, abi.encodeWithSelector(IRightsSplits.RightsSplits_NoShare.selector, 1));
        (shares[0], shares[1], shares[2]) = (type(uint32).max, type(uint32).max, 1_000_002);
        uint256 total = 2 * uint256(type(uint32).max) + 1_000_002;
        _refuseRows(payees, shares, abi.encodeWithSelector(sum, total));
        _refuse(_two(_holder(ANN, 1), _pending(BOB, 999_998)), abi.encodeWithSelector(sum, 999_999));
    }

    function test_RefusedWhenFull() public {
        _all(ANN);
        for (uint256 slot = 0; slot < 8; slot++) {
            if (uint256(vm.load(address(splits), bytes32(slot))) != 1) continue;
            vm.store(address(splits), bytes32(slot), bytes32(uint256(type(uint32).max)));
        }
        vm.assertEq(splits.count(), type(uint32).max, "count");
        uint256 most = type(uint32).max;
        _refuse(_one(_holder(BOB, 1e6)), abi.encodeWithSelector(IRightsSplits.RightsSplits_Full.selector, most));
    }

    function test_RefusedWhenThereIsNoSuchSplit() public {
        for (uint32 id = 0; id < 2; id++) {
            bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_Unknown.selector, id);
            vm.expectRevert(reason);
            splits.table(id);
            vm.expectRevert(reason);
            splits.rows(id);
            vm.expectRevert(reason);
            splits.shape(id);
            vm.expectRevert(reason);
            splits.preview(address(this), id, 1);
            vm.expectRevert(reason);
            splits.divide(id, 1);
        }
    }

    function test_RefusedToReadAsWhatItIsNot() public {
        uint32 inner = _all(ANN);
        uint32 mixed = splits.createTable(_one(_inner(inner, 1e6)));
        uint32 pies = splits.createPies(inner, inner, 1);
        vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_NotPlain.selector, mixed));
        splits.table(mixed);

        bytes4 other = IRightsSplits.RightsSplits_OtherForm.selector;
        vm.expectRevert(abi.encodeWithSelector(other, pies, Form.MASTER_PUBLISHING));
        splits.table(pies);
        vm.expectRevert(abi.encodeWithSelector(other, pies, Form.MASTER_PUBLISHING));
        splits.rows(pies);
        vm.expectRevert(abi.encodeWithSelector(other, inner, Form.TABLE));
        splits.pies(inner);
        vm.expectRevert(abi.encodeWithSelector(other, inner, Form.TABLE));
        splits.recoupment(inner);
    }

    function test_TheSameTableHasOneId() public {
        (address[] memory payees, uint32[] memory shares) = _rows(3);
        vm.expectEmit(address(splits));
        emit IRightsSplits.SplitCreated(1, payees, shares);
        vm.assertEq(splits.create(payees, shares), 1, "first");

        Row[] memory rows = new Row[](3);
        for (uint256 i = 0; i < 3; i++) {
            rows[i] = _holder(payees[i], shares[i]);
        }
        vm.recordLogs();
        vm.prank(ANN);
        vm.assertEq(splits.create(payees, shares), 1, "again");
        vm.assertEq(splits.createTable(rows), 1, "by rows");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");

        (payees, shares) = _rows(4);
        vm.assertEq(splits.create(payees, shares), 2, "another");
        vm.assertEq(splits.count(), 2, "count");
    }

    function test_AKindMakesAnotherTable() public {
        vm.assertEq(splits.createTable(_one(_holder(address(1), 1e6))), 1, "holder");
        vm.assertEq(splits.createTable(_one(_pending(address(1), 1e6))), 2, "pending");
        vm.assertEq(splits.createTable(_one(_inner(1, 1e6))), 3, "table");
    }

    function test_SaysTheRowsOfAMixedTable() public {
        Row[] memory rows = new Row[](3);
        uint32 inner = _all(ANN);
        (rows[0], rows[1], rows[2]) = (_pending(BOB, 10), _inner(inner, 20), _holder(CEM, 999_970));
        vm.recordLogs();
        uint32 id = splits.createTable(rows);
        bytes memory data = vm.getRecordedLogs()[0].data;
        (Kind[] memory kinds, address[] memory payees, uint32[] memory tables, uint32[] memory shares) =
            abi.decode(data, (Kind[], address[], uint32[], uint32[]));
        for (uint256 i = 0; i < 3; i++) {
            bytes memory said = abi.encode(kinds[i], payees[i], tables[i], shares[i]);
            vm.assertEq(said, abi.encode(rows[i]), "event");
        }
        vm.assertEq(abi.encode(splits.rows(id)), abi.encode(rows), "rows");
    }

    function testFuzz_GivesBackWhatWasPutIn(uint256 count) public {
        (address[] memory payees, uint32[] memory shares) = _rows(1 + count % 100);
        uint32 id = splits.create(payees, shares);
        (address[] memory seen, uint32[] memory parts) = splits.table(id);
        vm.assertEq(abi.encode(seen, parts), abi.encode(payees, shares), "table");
        vm.assertEq(splits.shape(id).depth, 1, "depth");
        vm.assertEq(splits.shape(id).rows, payees.length, "rows");
    }

    function testFuzz_DividesByTheRule(uint256 amount, uint256 count) public {
        (address[] memory payees, uint32[] memory shares) = _rows(1 + count % 100);
        amount = amount % 2 ** 64;
        uint256 upTo;
        uint256[] memory amounts = new uint256[](payees.length);
        for (uint256 i = 0; i < payees.length; i++) {
            amounts[i] = amount * (upTo + shares[i]) / 1e6 - amount * upTo / 1e6;
            upTo += shares[i];
        }
        bytes memory seen = _divided(splits.create(payees, shares), amount);
        vm.assertEq(seen, abi.encode(payees, amounts, new bool[](payees.length)), "parts");
    }
}
