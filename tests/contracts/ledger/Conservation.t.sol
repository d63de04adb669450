// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ForbiddenActions} from "../support/ForbiddenActions.sol";
import {vm} from "../support/Vm.sol";

/// @notice Invariants for any actions in any order. See Conservation.tree.
abstract contract Conservation {
    ForbiddenActions internal handler;

    function setUp() public {
        handler = new ForbiddenActions();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev One function, because the checks cost more than the actions; an error message names the invariant that
    /// fails.
    function invariant_MoneyIsConservedAndRulesHold() external view {
        uint256 owed = handler.owed();
        vm.assertEq(owed, handler.held(), "owed and held");
        vm.assertEq(handler.funded(), handler.paid() + owed, "in and out");
        vm.assertEq(handler.credited(), handler.debited(), "credited and debited");
        vm.assertEq(handler.asked(), handler.refused(), "asked and refused");
    }
}

/// @notice All actions, in any order.
contract ConservationTest is Conservation {}
