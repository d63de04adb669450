// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Handler} from "../support/Handler.sol";
import {Conservation} from "./Conservation.t.sol";

/// @notice Only the actions that touch the buckets, so that epochs, sweeps and disputes meet often. See
/// Conservation.tree. In its own file, so that forge runs it in parallel.
contract TurnoverTest is Conservation {
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
