// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {ILedgerBase} from "../interfaces/ILedgerBase.sol";
import {IModules, ModuleSet} from "../interfaces/IModules.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Modules
/// @notice Runs the modules' code. See IModules.
abstract contract Modules is IModules, LedgerBase {
    /// @inheritdoc IModules
    address public immutable catalogueModule;

    /// @inheritdoc IModules
    address public immutable settlementModule;

    /// @inheritdoc IModules
    address public immutable oversightModule;

    /// @inheritdoc IModules
    address public immutable purseModule;

    constructor(ModuleSet memory modules) {
        _check(modules.catalogue);
        _check(modules.settlement);
        _check(modules.oversight);
        _check(modules.purse);

        (catalogueModule, settlementModule) = (modules.catalogue, modules.settlement);
        (oversightModule, purseModule) = (modules.oversight, modules.purse);
    }

    /// @dev Runs this call in a module's code and reverts with the module's error. The module contains the lock and the
    /// checks.
    function _run(address module) internal returns (bytes memory answer) {
        return Address.functionDelegateCall(module, msg.data);
    }

    function _check(address module) private view {
        ILedgerBase built = ILedgerBase(module);
        bool same = built.token() == token && built.splits() == splits;
        same = same && built.maxLag() == maxLag && built.window() == window;
        require(same, Modules_BuiltOtherwise(module));
    }
}
