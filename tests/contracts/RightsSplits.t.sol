// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRightsSplits} from "../../contracts/interfaces/IRightsSplits.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// @notice Tables of holders. See RightsSplits.tree.
contract RightsSplitsTest is Base {
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
        _refuseRows(payees, shares, abi.encodeWithSelector(IRightsSplits.RightsSplits_NoPayee.selector, 1));
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
    }

    function test_RefusedToReadWhatDoesNotExist() public {
        bytes4 bad = IRightsSplits.RightsSplits_Unknown.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, 0));
        splits.table(0);
        vm.expectRevert(abi.encodeWithSelector(bad, 1));
        splits.table(1);
    }

    function test_TheSameTableHasOneId() public {
        (address[] memory payees, uint32[] memory shares) = _rows(3);
        vm.expectEmit(address(splits));
        emit IRightsSplits.SplitCreated(1, payees, shares);
        vm.assertEq(splits.create(payees, shares), 1, "first");

        vm.recordLogs();
        vm.prank(owner);
        vm.assertEq(splits.create(payees, shares), 1, "again");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");

        (payees, shares) = _rows(4);
        vm.assertEq(splits.create(payees, shares), 2, "another");
        vm.assertEq(splits.count(), 2, "count");
    }

    function testFuzz_GivesBackWhatWasPutIn(uint256 count) public {
        (address[] memory payees, uint32[] memory shares) = _rows(_bound(count, 1, 100));
        uint32 id = splits.create(payees, shares);
        (address[] memory seen, uint32[] memory parts) = splits.table(id);
        vm.assertEq(abi.encode(seen, parts), abi.encode(payees, shares), "table");
    }
}
