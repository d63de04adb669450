// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet, SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {Rotation} from "../support/Rotation.sol";
import {vm} from "../support/Vm.sol";

/// @notice Sets of oracles that are rejected. See OracleSet.tree.
contract OracleSetTest is Rotation {
    function _refuseSet(uint256 threshold, address[] memory given, bytes memory reason) internal {
        vm.prank(admin);
        vm.expectRevert(reason);
        ledger.proposeSet(threshold, given, _setTerms());
    }

    function _refuseTerms(SetTerms memory terms, bytes memory reason) internal {
        vm.prank(admin);
        vm.expectRevert(reason);
        ledger.proposeSet(1, loner, terms);
    }

    function test_RefusedWithABadThreshold() public {
        bytes4 bad = IOracleSet.OracleSet_BadThreshold.selector;
        _refuseSet(0, loner, abi.encodeWithSelector(bad, 0, 1));
        _refuseSet(2, loner, abi.encodeWithSelector(bad, 2, 1));
        _refuseSet(0, new address[](0), abi.encodeWithSelector(bad, 0, 0));
    }

    function test_RefusedWithBadSigners() public {
        bytes4 bad = IOracleSet.OracleSet_SignersNotAscending.selector;
        address[] memory two = new address[](2);
        two[1] = owner;
        _refuseSet(1, two, abi.encodeWithSelector(bad, address(0), address(0)));
        two[0] = owner;
        _refuseSet(1, two, abi.encodeWithSelector(bad, owner, owner));
        two[1] = address(uint160(owner) - 1);
        _refuseSet(1, two, abi.encodeWithSelector(bad, owner, two[1]));
    }

    function test_RefusedWithMoreThan64Signers() public {
        address[] memory many = new address[](65);
        _refuseSet(1, many, abi.encodeWithSelector(IOracleSet.OracleSet_TooManySigners.selector, 65, 64));
        address[] memory most = new address[](64);
        for (uint160 i = 0; i < 64; i++) {
            most[i] = address(i + 1);
        }
        _propose(64, most);
    }

    function test_RefusedWithFeesAboveHalf() public {
        bytes4 bad = IOracleSet.OracleSet_FeesTooHigh.selector;
        _refuseTerms(SetTerms(4_001, 1_000, SET_UNTIL, CAP), abi.encodeWithSelector(bad, 4_001, 1_000, 5_000));
        _refuseTerms(SetTerms(65_535, 65_535, SET_UNTIL, CAP), abi.encodeWithSelector(bad, 65_535, 65_535, 5_000));
        vm.prank(admin);
        ledger.proposeSet(1, loner, SetTerms(4_000, 1_000, SET_UNTIL, CAP));
    }

    function test_RefusedWhenOverBeforeItIsActive() public {
        uint256 from = _now() + SET_DELAY;
        bytes memory reason = abi.encodeWithSelector(IOracleSet.OracleSet_AlreadyOver.selector, from, from);
        _refuseTerms(SetTerms(0, 0, uint40(from), CAP), reason);
        vm.prank(admin);
        ledger.proposeSet(1, loner, SetTerms(0, 0, uint40(from + 1), CAP));
    }

    function test_RefusedToInstallTwice() public {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_FirstSetInstalled.selector));
        ledger.installFirstSet(1, loner, _setTerms());
    }

    function test_RefusedToInstallTwiceEvenWhenTheFirstIsRemoved() public {
        _remove(set);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_FirstSetInstalled.selector));
        ledger.installFirstSet(2, signers, _setTerms());
    }

    function test_RefusedWhenKnown() public {
        bytes4 known = IOracleSet.OracleSet_AlreadyKnown.selector;
        _refuseSet(2, signers, abi.encodeWithSelector(known, set));
        _propose(1, loner);
        _refuseSet(1, loner, abi.encodeWithSelector(known, lonely));
        vm.prank(guardian);
        ledger.pause();
        _refuseSet(2, signers, abi.encodeWithSelector(known, set));
    }

    function test_RefusedToRemoveWhatIsNotThere() public {
        bytes4 unknown = IOracleSet.OracleSet_Unknown.selector;
        vm.startPrank(guardian);
        vm.expectRevert(abi.encodeWithSelector(unknown, lonely));
        ledger.removeSet(lonely);
        ledger.removeSet(set);
        vm.expectRevert(abi.encodeWithSelector(unknown, set));
        ledger.removeSet(set);
    }

    function test_RefusedBeyondEightActive() public {
        address[] memory one = new address[](1);
        for (uint160 i = 1; i <= 8; i++) {
            one[0] = address(i);
            _propose(1, one);
        }
        vm.warp(_now() + SET_DELAY);
        for (uint160 i = 1; i <= 7; i++) {
            one[0] = address(i);
            ledger.activateSet(1, one);
        }
        one[0] = address(uint160(8));
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_TooManySets.selector, 8));
        ledger.activateSet(1, one);
        _remove(set);
        ledger.activateSet(1, one);
    }

    function test_RefusedToActivateBeforeItsTime() public {
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_NotProposed.selector, lonely));
        ledger.activateSet(1, loner);
        _propose(1, loner);
        uint256 from = _now() + SET_DELAY;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_TooEarly.selector, from, from - 1));
        ledger.activateSet(1, loner);
    }
}
