// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Holdings
/// @notice The one token that a ledger holds, and the lock on every function that moves it.
abstract contract Holdings {
    /// @notice The token that everything is counted in.
    IERC20 public immutable token;

    bool private transient _moving;

    error Holdings_NotAToken(address token);
    error Holdings_Reentered();

    constructor(IERC20 token_) {
        require(address(token_).code.length != 0, Holdings_NotAToken(address(token_)));

        token = token_;
    }

    /// @dev A token may hand control to a payee in the midst of a transfer. The lock is transient storage, opened again on
    /// the way out, so several calls in one transaction are fine.
    modifier nonReentrant() {
        require(!_moving, Holdings_Reentered());
        _moving = true;
        _;
        _moving = false;
    }
}
