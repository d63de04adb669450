// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ILedgerBase, Setup} from "../interfaces/ILedgerBase.sol";
import {IRightsSplits} from "../interfaces/IRightsSplits.sol";
import {Buckets} from "../libraries/Buckets.sol";
import {Stateful} from "./State.sol";

/// @title LedgerBase
/// @notice The ledger's token, its state, and the lock on every function that moves money. See ILedgerBase.
///
/// The ledger and its modules share exactly this storage, so that a module's code finds every variable at its slot when
/// the ledger runs it.
abstract contract LedgerBase is Stateful, ILedgerBase, AccessManaged, EIP712 {
    using SafeERC20 for IERC20;

    // With more decimals, an epoch's credits would exceed 48 bits at usual prices.
    uint256 private constant MOST_DECIMALS = 6;
    uint256 private constant MOST_WINDOW = 90 days;

    /// @inheritdoc ILedgerBase
    IERC20 public immutable token;

    /// @inheritdoc ILedgerBase
    IRightsSplits public immutable splits;

    /// @inheritdoc ILedgerBase
    uint256 public immutable maxLag;

    /// @inheritdoc ILedgerBase
    uint256 public immutable window;

    // A whole word, because a write to a bool would read the slot first.
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

    /// @dev A token may call a payee during a transfer. The lock is transient storage and is released at the end, so
    /// several calls in one transaction work.
    modifier nonReentrant() {
        require(_moving == 0, Holdings_Reentered());
        _moving = 1;
        _;
        _moving = 0;
    }

    function _epoch() internal view returns (uint256) {
        return Buckets.epochOf(block.timestamp, window);
    }

    /// @dev Whether swept fees are shown and paid under this address.
    function _isReceiver(address node) internal view returns (bool) {
        return node == _state.protocolReceiver && node != address(0);
    }

    /// @dev Takes `amount` from the caller and returns what arrived: some tokens keep a part.
    function _receive(uint256 amount) internal returns (uint256 received) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        return token.balanceOf(address(this)) - before;
    }

    /// @dev Transfers, or parks the amount if the token rejects the transfer. A caller cannot force this by giving
    /// little gas: the gas that a transfer leaves is not enough for the write.
    function _pay(address payee, uint256 amount) internal {
        if (!token.trySafeTransfer(payee, amount)) _park(payee, amount);
    }

    function _park(address payee, uint256 amount) internal {
        _state.parked[payee] += amount;

        emit Parked(payee, amount);
    }
}
