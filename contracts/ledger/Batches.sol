// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch, IBatches} from "../interfaces/IBatches.sol";
import {Quorum} from "../interfaces/IRoyaltyLedger.sol";
import {Modules} from "./Modules.sol";

/// @title Batches
/// @notice Forwards batches to the settlement module. See IBatches.
abstract contract Batches is IBatches, Modules {
    /// @inheritdoc IBatches
    function settleBatch(Batch calldata, Quorum calldata) external {
        _run(settlementModule);
    }

    /// @inheritdoc IBatches
    function settleOrders(Batch calldata, bytes calldata, Quorum calldata) external {
        _run(settlementModule);
    }
}
