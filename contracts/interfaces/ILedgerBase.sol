// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IRightsSplits} from "./IRightsSplits.sol";

/// @notice What a ledger and its modules are built with.
/// @param token The token of all amounts; at most 6 decimals.
/// @param splits The tables of holders that registrations may name.
/// @param authority The access manager that decides who may call restricted functions.
/// @param maxLag The longest time from a generation to its settlement, in seconds.
/// @param window The length of a dispute epoch in seconds: longer than `maxLag`, at most 90 days.
struct Setup {
    IERC20 token;
    IRightsSplits splits;
    address authority;
    uint256 maxLag;
    uint256 window;
}

/// @title ILedgerBase
/// @notice The fixed settings of a ledger, and what it does with a transfer that fails.
///
/// Warning: if the token rebases downwards, the ledger holds less than it owes. Choose a token that does not.
interface ILedgerBase {
    /// @notice The token rejected a transfer; the amount is parked under the payee's address.
    event Parked(address indexed payee, uint256 amount);

    error Holdings_NotAToken(address token);
    error Holdings_NoSplits(address splits);
    error Holdings_TooManyDecimals(uint256 decimals, uint256 most);
    error Holdings_WindowOutOfRange(uint256 window, uint256 least, uint256 most);
    error Holdings_Reentered();

    /// @notice The token of all amounts.
    function token() external view returns (IERC20);

    /// @notice The tables of holders that registrations may name.
    function splits() external view returns (IRightsSplits);

    /// @notice The longest time from `generatedAt` to the settlement, in seconds.
    function maxLag() external view returns (uint256);

    /// @notice The length of a dispute epoch in seconds: credits of one epoch can be withdrawn from the second epoch
    /// after it.
    function window() external view returns (uint256);
}
