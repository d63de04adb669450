// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Handler} from "./support/Handler.sol";
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

/// @notice What touches the buckets, and nothing else: so that epochs, sweeps and disputes meet often.
contract ConservationOfBucketsTest is Conservation {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), new bytes4[](7));
        bytes4[] memory chosen = targets[0].selectors;
        (chosen[0], chosen[1], chosen[2]) = (Handler.settle.selector, Handler.dispute.selector, Handler.pass.selector);
        (chosen[3], chosen[4]) = (Handler.sweep.selector, Handler.withdraw.selector);
        (chosen[5], chosen[6]) = (Handler.withdrawNode.selector, Handler.withdrawAll.selector);
    }
}
