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
/// @notice Where the rest of a ledger's code is.
///
/// A contract's code may not be longer than 24,576 bytes. What is called often stands in the ledger itself; the rest in four
/// modules that it runs by `delegatecall`. Their addresses are fixed when the ledger is made, and they are built on the
/// same token, tables, lag and window; who may call what is asked of the ledger's own authority. Nothing can be exchanged
/// later: this is no upgradeable proxy.
///
/// A module called directly works on storage of its own, where there is nothing.
interface IModules {
    error Modules_BuiltOtherwise(address module);

    /// @notice Register, amend, transfer.
    function catalogueModule() external view returns (address);

    /// @notice Batches and upgrades.
    function settlementModule() external view returns (address);

    /// @notice Sets, receivers, disputes.
    function oversightModule() external view returns (address);

    /// @notice Signed funding, leaving, parked and accrued amounts, nodes, rewards.
    function purseModule() external view returns (address);
}
