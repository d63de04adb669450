// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Handler} from "./support/Handler.sol";
import {vm} from "./support/Vm.sol";

/// @notice What holds whatever people do, in whatever order: no money appears, and none is lost.
contract ConservationTest {
    Handler internal handler;

    function setUp() public {
        handler = new Handler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev What the ledger says that it owes is what it holds.
    function invariant_OwedIsHeld() external view {
        vm.assertEq(handler.owed(), handler.held(), "owed and held");
    }

    /// @dev What came in has left or is still owed; so what settlements credit is what they debit.
    function invariant_FundedIsPaidOrOwed() external view {
        vm.assertEq(handler.funded(), handler.paid() + handler.owed(), "in and out");
    }
}
