// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IHoldings, Setup} from "./interfaces/IHoldings.sol";
import {IRightsSplits} from "./interfaces/IRightsSplits.sol";
import {Buckets} from "./libraries/Buckets.sol";
import {Stateful} from "./libraries/State.sol";

/// @title Holdings
/// @notice What a ledger keeps: its one token, its state, and the lock on every function that moves money. See IHoldings.
///
/// The ledger and its modules have this in common and nothing else in storage, so that a module's code finds everything in
/// its place when the ledger runs it.
abstract contract Holdings is Stateful, IHoldings, AccessManaged, EIP712 {
    using SafeERC20 for IERC20;

    // Beyond this an epoch's credits would outgrow 48 bits at prices that people pay.
    uint256 private constant MOST_DECIMALS = 6;
    uint256 private constant MOST_WINDOW = 90 days;

    /// @inheritdoc IHoldings
    IERC20 public immutable token;

    /// @inheritdoc IHoldings
    IRightsSplits public immutable splits;

    /// @inheritdoc IHoldings
    uint256 public immutable maxLag;

    /// @inheritdoc IHoldings
    uint256 public immutable window;

    // A whole word: a bool would be read again wherever it is written.
    uint256 private transient _moving;

    constructor(Setup memory setup) EIP712("Refrain", "1") AccessManaged(setup.authority) {
        require(address(setup.token).code.length != 0, Holdings_NotAToken(address(setup.token)));
        require(address(setup.splits).code.length != 0, Holdings_NoSplits(address(setup.splits)));
        uint256 decimals = IERC20Metadata(address(setup.token)).decimals();
        require(decimals <= MOST_DECIMALS, Holdings_TooManyDecimals(decimals, MOST_DECIMALS));
        bool fits = setup.window > setup.maxLag && setup.window <= MOST_WINDOW;
        require(fits, Holdings_WindowOutOfRange(setup.window, setup.maxLag + 1, MOST_WINDOW));

        (token, splits, maxLag, window) = (setup.token, setup.splits, setup.maxLag, setup.window);
    }

    /// @dev A token may hand control to a payee in the midst of a transfer. The lock is transient storage, opened again on
    /// the way out, so several calls in one transaction are fine.
    modifier nonReentrant() {
        require(_moving == 0, Holdings_Reentered());
        _moving = 1;
        _;
        _moving = 0;
    }

    function _epoch() internal view returns (uint256) {
        return Buckets.epochOf(block.timestamp, window);
    }

    /// @dev Whether swept fees are shown and paid under this name.
    function _isReceiver(address node) internal view returns (bool) {
        return node == _state.protocolReceiver && node != address(0);
    }

    /// @dev Takes `amount` from the caller and returns what arrived: some tokens keep a part.
    function _receive(uint256 amount) internal returns (uint256 received) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        return token.balanceOf(address(this)) - before;
    }

    /// @dev Transfers, or parks what the token refuses to transfer. A caller cannot force the parking by giving little gas:
    /// what a transfer leaves of it does not pay for a write.
    function _pay(address payee, uint256 amount) internal {
        if (!token.trySafeTransfer(payee, amount)) _park(payee, amount);
    }

    function _park(address payee, uint256 amount) internal {
        _state.parked[payee] += amount;

        emit Parked(payee, amount);
    }
}
