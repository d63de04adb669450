// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Holdings} from "../Holdings.sol";
import {Setup} from "../interfaces/IHoldings.sol";
import {Freezing} from "./Freezing.sol";
import {Rotating} from "./Rotating.sol";

/// @title OversightModule
/// @notice Sets of oracles, receivers and disputes: code that the ledger runs on its own storage. See IModules.
contract OversightModule is Rotating, Freezing {
    constructor(Setup memory setup) Holdings(setup) {}
}
