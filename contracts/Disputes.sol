// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Modules} from "./Modules.sol";
import {IDisputes} from "./interfaces/IDisputes.sol";
import {Attestation, Order} from "./interfaces/IRoyaltyLedger.sol";

/// @title Disputes
/// @notice The court's hand on a ledger's buckets. See IDisputes.
abstract contract Disputes is IDisputes, Modules {
    // The mark of an attestation that was released.
    uint256 private constant DONE = 1 << 255;

    /// @inheritdoc IDisputes
    function freeze(Order calldata, Attestation calldata, bytes32) external returns (uint256 amount) {
        return abi.decode(_run(oversightModule), (uint256));
    }

    /// @inheritdoc IDisputes
    function release(Order calldata, Attestation calldata, bytes32, bool) external {
        _run(oversightModule);
    }

    /// @inheritdoc IDisputes
    function frozen(bytes32 attestation) external view returns (uint256) {
        return _state.frozen[attestation] & ~DONE;
    }
}
