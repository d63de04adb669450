// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Form, IRightsSplits} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {vm} from "../support/Vm.sol";

/// @notice Splits into master and publishing. See MasterPublishingSplit.tree.
contract MasterPublishingSplitTest is SplitsBase {
    function test_RefusedWithNothingOrAllForTheMaster() public {
        uint32 inner = _all(ANN);
        uint32[3] memory shares = [uint32(0), 1e6, type(uint32).max];
        for (uint256 i = 0; i < 3; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_MasterShare.selector, shares[i]));
            splits.createPies(inner, inner, shares[i]);
        }
    }

    function test_RefusedWithAPartThatDoesNotExist() public {
        uint32 inner = _all(ANN);
        bytes4 bad = IRightsSplits.RightsSplits_Unknown.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, 0));
        splits.createPies(0, inner, 1);
        vm.expectRevert(abi.encodeWithSelector(bad, 2));
        splits.createPies(inner, 2, 1);
    }

    function test_RefusedInsideAnything() public {
        uint32 inner = _all(ANN);
        uint32 pies = splits.createPies(inner, inner, 1);
        bytes memory reason = abi.encodeWithSelector(IRightsSplits.RightsSplits_PiesInside.selector, pies);
        _refuse(_two(_inner(inner, 1), _inner(pies, 999_999)), reason);
        vm.expectRevert(reason);
        splits.createPies(pies, inner, 1);
        vm.expectRevert(reason);
        splits.createPies(inner, pies, 1);
        vm.expectRevert(reason);
        splits.createRecoupment(pies, LABEL, 1, 0);
    }

    function test_RefusedWithTooManyRows() public {
        (uint32 sixty, uint32 forty) = (_many(0, 60), _many(1, 41));
        vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_TooManyRows.selector, 101, 100));
        splits.createPies(sixty, forty, 1);
    }

    function test_MayBeOneLevelAboveTheLimit() public {
        uint32 split = _all(ANN);
        for (uint256 i = 0; i < 2; i++) {
            split = splits.createTable(_two(_holder(BOB, 1), _inner(split, 999_999)));
        }
        uint32 pies = splits.createPies(split, split, 1);
        vm.assertEq(splits.shape(pies).depth, 4, "depth");
        vm.assertEq(splits.shape(pies).rows, 6, "rows");
    }

    function test_ReturnsBothPartsAndHasOneId() public {
        (uint32 master, uint32 publishing) = (_all(ANN), _all(BOB));
        vm.expectEmit(address(splits));
        emit IRightsSplits.PiesCreated(3, master, publishing, 600_000);
        uint32 pies = splits.createPies(master, publishing, 600_000);
        vm.recordLogs();
        vm.assertEq(splits.createPies(master, publishing, 600_000), pies, "again");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");

        (uint32 first, uint32 second, uint32 share) = splits.pies(pies);
        vm.assertEq(abi.encode(first, second, share), abi.encode(master, publishing, 600_000), "pies");
        vm.assertTrue(splits.shape(pies).form == Form.MASTER_PUBLISHING, "form");
        vm.assertEq(splits.createPies(publishing, master, 400_000), 4, "turned round");
        vm.assertEq(splits.createTable(_two(_inner(master, 600_000), _inner(publishing, 400_000))), 5, "table");
    }

    function test_EachPartIsDividedByItsOwnTable() public {
        uint32 master = splits.createTable(_two(_holder(LABEL, 850_000), _holder(ANN, 150_000)));
        uint32 pies = splits.createPies(master, _all(ANN), 500_001);
        // Of 101: floor(50.5) for the master, divided into 42 and 8; 51 for publishing.
        _divides(pies, 101, [LABEL, ANN, ANN], [uint256(42), 8, 51]);
    }
}
