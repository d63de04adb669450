// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The four contracts whose code a ledger runs on its own storage.
struct ModuleSet {
    address catalogue;
    address settlement;
    address oversight;
    address purse;
}

/// @title IModules
/// @notice The modules that hold the rest of a ledger's code.
///
/// A contract's code may not be longer than 24,576 bytes. The ledger itself contains the code of frequent calls; four
/// modules contain the rest, and the ledger runs them by `delegatecall`. Their addresses are fixed at construction, and
/// they must be built with the same token, tables, lag and window. The ledger's own authority decides who may call. No
/// module can be replaced later: this is not an upgradeable proxy.
///
/// A module that is called directly works on its own storage, which is empty.
interface IModules {
    error Modules_BuiltOtherwise(address module);

    /// @notice The CatalogueModule: registers, amends and transfers recordings.
    function catalogueModule() external view returns (address);

    /// @notice The SettlementModule: batches and upgrades.
    function settlementModule() external view returns (address);

    /// @notice The OversightModule: sets of oracles, receivers, disputes.
    function oversightModule() external view returns (address);

    /// @notice The PayoutModule: signed funding, exits, parked and accrued amounts, nodes, rewards.
    function purseModule() external view returns (address);
}
