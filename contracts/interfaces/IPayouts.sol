// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IPayouts
/// @notice Pays money out to the holders of recordings.
///
/// Anyone may trigger a payout; the money goes only where the recording's table says. No payout can be paused.
///
/// A credit from a settlement waits for the dispute window: it can be withdrawn from the second epoch after its own.
/// IRightsSplits describes how an amount is divided among holders and rounded.
///
/// If one transfer fails (for example because the holder is on the token's block list), the others still happen: the
/// failed part is parked under the holder's address. The part of a holder whose address is not known yet accrues under
/// the holder's claim key until the key names an address (IClaims). `Withdrawn` states what left a recording and for
/// whom; a following `Parked` or `Accrued` states that the amount still waits in the ledger.
interface IPayouts {
    event Withdrawn(uint32 indexed recording, address indexed payee, uint256 amount);

    /// @notice As `Withdrawn`, for several recordings that one owner is paid for.
    event WithdrawnMany(address indexed payee, uint32[] recordings, uint256[] amounts);

    /// @notice The amount parked for `payee` went to `to`.
    event ParkedWithdrawn(address indexed payee, address indexed to, uint256 amount);
    event Accrued(address indexed holder, uint256 amount);

    /// @notice The amount accrued for `holder` went to the address that its claim key named.
    event ClaimedWithdrawn(address indexed holder, address indexed to, uint256 amount);
    event Rewarded(address indexed from, uint32[] recordings, uint256 each);

    error Payouts_NothingParked(address payee);
    error Payouts_NothingClaimed(address holder, uint256 accrued);
    error Payouts_NoReceiver();
    error Payouts_NotSigned(address payee);
    error Payouts_DeadlinePassed(uint256 deadline, uint256 time);
    error Payouts_UnknownRecording(uint256 recording);
    error Payouts_RecordingFull(uint256 recording, uint256 amount);
    error Payouts_FellShort(uint256 received, uint256 needed);

    /// @notice Pays out what a recording has earned. Returns 0 and pays nothing if nothing is due.
    function withdraw(uint256 recording) external returns (uint256 amount);

    /// @notice Does `withdraw` for several recordings and returns the total. Skips recordings that are unknown or have
    /// nothing due. Recordings of one owner that are adjacent in the list are paid in one transfer.
    function withdrawMany(uint32[] calldata ids) external returns (uint256 amount);

    /// @notice Sends a payee its parked amount. Anyone may call it. Reverts if the token still rejects the transfer.
    function withdrawFor(address payee) external returns (uint256 amount);

    /// @notice Sends the caller's parked amount to the address that the caller gives.
    function withdrawTo(address to) external returns (uint256 amount);

    /// @notice Does `withdrawTo` for a payee that signed `Withdrawal(payee, to, nonce, deadline)` with its key or as a
    /// contract (ERC-1271, at most 200,000 gas). Anyone may bring the signature. `nonce` is `withdrawalNonce(payee)`.
    function withdrawWithSig(address payee, address to, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 amount);

    /// @notice Sends a holder's accrued amount to the address that its claim key named, or parks it there if the token
    /// rejects the transfer. Anyone may call it.
    function withdrawClaimed(address holder) external returns (uint256 amount);

    /// @notice Takes `each` for every recording from the caller and credits it; it can be withdrawn at once.
    /// @dev Anyone may call it, for any registered recordings, repeats included. Id 0 is the training pool, if it has a
    /// receiver. Reverts if less arrives than is credited.
    function reward(uint32[] calldata ids, uint256 each) external;

    /// @notice The amount parked for a payee.
    function parked(address payee) external view returns (uint256);

    /// @notice The amount accrued under a claim key, for a holder whose address is not known yet.
    function accrued(address holder) external view returns (uint256);

    /// @notice The nonce of a payee's next signed withdrawal.
    function withdrawalNonce(address payee) external view returns (uint256);
}
