// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A payer's current account. Amounts are in the token's smallest unit.
/// @param escrow What the payer can still spend.
/// @param protocolFees Protocol fees taken from this payer and not yet swept.
/// @param pool The training pool's share taken from this payer and not yet swept.
/// @param nextNonce The highest used nonce plus 1.
struct AccountView {
    uint256 escrow;
    uint256 protocolFees;
    uint256 pool;
    uint256 nextNonce;
}

/// @title IEscrow
/// @notice Holds the payers' money until it is divided.
///
/// The token is fixed at deployment and must not rebase. If a token takes a fee on transfer, the amount that arrived is
/// credited. The token should have 6 decimals: an account holds at most 2^64 - 1 units.
///
/// A payer leaves in two steps that are `EXIT_DELAY` apart. The delay is longer than `maxLag`, so that orders from
/// before the request can still be settled. An exit that is not taken within `EXIT_WINDOW` lapses, so that nobody can
/// keep one ready permanently.
///
/// Protocol fees and the training pool's share wait in the payer's account until somebody sweeps them. Swept amounts
/// then wait for the dispute window like any credit: the fees under the address of their receiver (INodes), the pool's
/// share as recording 0 (IPayouts). A dispute sweeps the account of its payer.
///
/// Nonces are a sliding window: each of the 64 numbers below `nextNonce`, and each number from `nextNonce` on, can be
/// used once.
///
/// Warning: an order whose nonce is 65 or more below `nextNonce` can never be settled.
/// Warning: an oracle should accept no order from a payer whose `exitTime` is not zero.
interface IEscrow {
    event Funded(address indexed payer, address indexed from, uint256 amount);
    event ExitRequested(address indexed payer, uint256 from, uint256 until);
    event ExitCancelled(address indexed payer);
    event Exited(address indexed payer, uint256 amount);
    event ReceiversSet(address indexed protocol, address indexed pool);
    event Swept(address indexed payer, uint256 protocolFees, uint256 pool);

    error Escrow_NoPayer();
    error Escrow_TooMuch(uint256 escrow, uint256 amount);
    error Escrow_Short(uint256 escrow, uint256 price);
    error Escrow_FeesFull(uint256 held, uint256 amount);
    error Escrow_PoolFull(uint256 held, uint256 amount);
    error Escrow_NonceTooLarge(uint256 nonce);
    error Escrow_NonceTooOld(uint256 nonce, uint256 nextNonce);
    error Escrow_NonceUsed(uint256 nonce);
    error Escrow_NoExit();
    error Escrow_ExitTooEarly(uint256 from, uint256 time);
    error Escrow_NoReceivers();
    error Escrow_SweepTooMuch(uint256 protocolFees, uint256 pool);

    /// @notice Takes `amount` from the caller into `payer`'s escrow and credits the amount that arrived.
    function fund(address payer, uint256 amount) external;

    /// @notice Does `fund` with an ERC-2612 permit of the caller. It also works if somebody else has already used the
    /// permit.
    function fundWithPermit(address payer, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Takes `amount` from `payer` into its own escrow by the payer's signed ERC-3009 authorisation for this
    /// contract. Anyone may call it.
    function fundWithAuthorization(
        address payer,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Requests the return of the caller's escrow.
    function requestExit() external;

    /// @notice Cancels the caller's request.
    function cancelExit() external;

    /// @notice Sends the caller its whole escrow after the delay. Parks the amount if the token rejects the transfer.
    /// An empty escrow causes no transfer.
    function exit() external returns (uint256 amount);

    /// @notice The time from which the payer may leave; 0 without a request.
    function exitTime(address payer) external view returns (uint256);

    /// @notice Sets the receivers of the protocol fees and of the training pool. Admin only. Swept amounts that are not
    /// withdrawn go to the new receivers: withdraw for the old receivers first if they should have them.
    function setReceivers(address protocol, address pool) external;

    /// @notice Moves what the given accounts hold for protocol and pool into the receivers' buckets. Anyone may call
    /// it.
    function sweep(address[] calldata payers) external returns (uint256 protocolFees, uint256 pool);

    /// @notice The receiver of the protocol fees.
    function protocolReceiver() external view returns (address);

    /// @notice The receiver of the training pool.
    function poolReceiver() external view returns (address);

    /// @notice The payer's current account.
    function accounts(address payer) external view returns (AccountView memory);

    /// @notice Whether an order with this nonce can no longer be settled, because the nonce is used or too old.
    function isNonceUsed(address payer, uint256 nonce) external view returns (bool);
}
