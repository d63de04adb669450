// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IRightsSplits} from "./IRightsSplits.sol";

/// @notice What a ledger and its modules are built on.
/// @param token What everything is counted in; at most 6 decimals.
/// @param splits The tables of holders that registrations may name.
/// @param authority The access manager that says who may call what.
/// @param maxLag Latest that a settlement may come after its generation, in seconds.
/// @param window Length of a dispute epoch in seconds: longer than `maxLag`, at most 90 days.
struct Setup {
    IERC20 token;
    IRightsSplits splits;
    address authority;
    uint256 maxLag;
    uint256 window;
}

/// @title IHoldings
/// @notice What a ledger is fixed to, and what it does with a transfer that fails.
///
/// Warning: a token that rebases downwards leaves the ledger short of what it owes. Choose one that does not.
interface IHoldings {
    /// @notice The token refused a transfer; the amount waits under the payee's name.
    event Parked(address indexed payee, uint256 amount);

    error Holdings_NotAToken(address token);
    error Holdings_NoSplits(address splits);
    error Holdings_TooManyDecimals(uint256 decimals, uint256 most);
    error Holdings_WindowOutOfRange(uint256 window, uint256 least, uint256 most);
    error Holdings_Reentered();

    /// @notice The token that everything is counted in.
    function token() external view returns (IERC20);

    /// @notice The tables of holders that registrations may name.
    function splits() external view returns (IRightsSplits);

    /// @notice Latest that a settlement may come after `generatedAt`, in seconds.
    function maxLag() external view returns (uint256);

    /// @notice Seconds of a dispute epoch: credits of one epoch can be withdrawn from the second epoch after it on.
    function window() external view returns (uint256);
}
