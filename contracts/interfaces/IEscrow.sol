// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A payer's account as it stands now. Amounts are in the token's smallest unit.
/// @param escrow What the payer may still spend.
/// @param protocolFees Protocol's fees taken from this payer and not yet swept.
/// @param pool The training pool's share taken from this payer and not yet swept.
/// @param nextNonce One above the highest nonce used.
struct AccountView {
    uint256 escrow;
    uint256 protocolFees;
    uint256 pool;
    uint256 nextNonce;
}

/// @title IEscrow
/// @notice The payers' money before it is divided.
///
/// The token is fixed at deployment. It must not rebase; a token that takes a fee on transfer is credited with what
/// arrived. One of 6 decimals is meant: an account holds at most 2^64 - 1 units.
///
/// Leaving takes two steps, `EXIT_DELAY` apart, and the delay is longer than `maxLag`: what was ordered before the
/// request can still be settled. An exit that is not taken within `EXIT_WINDOW` lapses, so that nobody can hold one
/// ready for ever.
///
/// Protocol's fees and the training pool's share wait in the payer's account until somebody sweeps them. Swept, they wait for
/// the dispute window like any credit: the fees under the name of their receiver (INodes), the pool as recording 0 (IPayouts).
/// A dispute sweeps its payer's account.
///
/// Nonces are a sliding window: any of the 64 numbers below `nextNonce`, or any number from it on, may be used once.
///
/// Warning: an order whose nonce has fallen 64 or more behind the newest can never be settled.
/// Warning: an oracle should take no order from a payer whose `exitTime` is not zero.
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

    /// @notice Takes `amount` from the caller into `payer`'s escrow; credits what arrived.
    function fund(address payer, uint256 amount) external;

    /// @notice `fund` with an ERC-2612 permit by the caller. A permit already used by somebody else does no harm.
    function fundWithPermit(address payer, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Takes `amount` from `payer` into its own escrow, as its signed ERC-3009 authorisation to this contract says. Anyone
    /// may bring it.
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

    /// @notice Announces that the caller wants its escrow back.
    function requestExit() external;

    /// @notice Withdraws the announcement.
    function cancelExit() external;

    /// @notice Sends the caller its whole escrow, once the delay has passed; parks it when the token refuses. An empty
    /// escrow is left without a transfer.
    function exit() external returns (uint256 amount);

    /// @notice From when the payer may leave; 0 when no exit stands.
    function exitTime(address payer) external view returns (uint256);

    /// @notice Names who gets the protocol's fees and the training pool. Admin only. What was swept before and not withdrawn
    /// follows the new receivers: whoever wants it for the old ones withdraws first.
    function setReceivers(address protocol, address pool) external;

    /// @notice Moves what the named accounts hold for protocol and pool to their receivers' buckets. Anyone may.
    function sweep(address[] calldata payers) external returns (uint256 protocolFees, uint256 pool);

    /// @notice Who gets the protocol's fees.
    function protocolReceiver() external view returns (address);

    /// @notice Who gets the training pool.
    function poolReceiver() external view returns (address);

    /// @notice The payer's account as it stands now.
    function accounts(address payer) external view returns (AccountView memory);

    /// @notice Whether an order with this nonce can no longer be settled: used, or too far behind.
    function isNonceUsed(address payer, uint256 nonce) external view returns (bool);
}
