// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Setup} from "../interfaces/ILedgerBase.sol";
import {LedgerBase} from "../ledger/LedgerBase.sol";
import {DisputeFreeze} from "./DisputeFreeze.sol";
import {OracleRotation} from "./OracleRotation.sol";

/// @title OversightModule
/// @notice Sets of oracles, receivers and disputes: code that the ledger runs on its own storage. See IModules.
contract OversightModule is OracleRotation, DisputeFreeze {
    constructor(Setup memory setup) LedgerBase(setup) {}
}
