// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Trespasser} from "./support/Trespasser.sol";
import {vm} from "./support/Vm.sol";

/// @notice What holds whatever people do, in whatever order. See Conservation.tree.
abstract contract Conservation {
    Trespasser internal handler;

    function setUp() public {
        handler = new Trespasser();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev One function, since looking costs more than doing: what does not hold is named.
    function invariant_MoneyAndRules() external view {
        uint256 owed = handler.owed();
        vm.assertEq(owed, handler.held(), "owed and held");
        vm.assertEq(handler.funded(), handler.paid() + owed, "in and out");
        vm.assertEq(handler.credited(), handler.debited(), "credited and debited");
        vm.assertEq(handler.asked(), handler.refused(), "asked and refused");
    }
}

/// @notice Everything, in any order.
contract ConservationTest is Conservation {}
