// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {Attestation, Order} from "../interfaces/IRoyaltyLedger.sol";
import {Modules} from "./Modules.sol";
import {DONE} from "./State.sol";

/// @title Disputes
/// @notice Forwards the court's calls to the oversight module. See IDisputes.
abstract contract Disputes is IDisputes, Modules {
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
