// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IPayouts
/// @notice Money out to the holders of recordings.
///
/// Anyone may trigger a payout; the money only goes where the recording's table says. Nothing here can be paused.
///
/// What a settlement credits waits for the dispute window: it can be withdrawn from the second epoch after its own on.
/// How an amount is divided among holders, and rounded, is told in IRightsSplits.
///
/// A transfer that fails (a holder on the token's block list, say) does not stop the others: its part is parked under
/// the holder's address. The part of a holder who has not been found yet accrues under its claim key, until the key has named
/// an address (IClaims). `Withdrawn` says what left a recording and for whom; a `Parked` or `Accrued` behind it, that it
/// waits here.
interface IPayouts {
    event Withdrawn(uint32 indexed recording, address indexed payee, uint256 amount);

    /// @notice The same for several recordings that one owner is paid for.
    event WithdrawnMany(address indexed payee, uint32[] recordings, uint256[] amounts);

    /// @notice What was parked for `payee` went to `to`.
    event ParkedWithdrawn(address indexed payee, address indexed to, uint256 amount);
    event Accrued(address indexed holder, uint256 amount);

    /// @notice What had accrued for `holder` went to the address that its claim key named.
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

    /// @notice Pays out what a recording has earned. Returns 0, and pays nothing, when there is nothing.
    function withdraw(uint256 recording) external returns (uint256 amount);

    /// @notice `withdraw` for several recordings; returns the total. Passes over what is empty or unknown. Recordings of one owner
    /// that stand together in the list are paid in one transfer.
    function withdrawMany(uint32[] calldata ids) external returns (uint256 amount);

    /// @notice Sends a payee what is parked for it. Anyone may. Reverts when the token still refuses.
    function withdrawFor(address payee) external returns (uint256 amount);

    /// @notice Sends what is parked for the caller to another address of its choice.
    function withdrawTo(address to) external returns (uint256 amount);

    /// @notice `withdrawTo` for a payee that has signed `Withdrawal(payee, to, nonce, deadline)` with its key or as a contract
    /// (ERC-1271, at most 200,000 gas). Anyone may bring the signature. `nonce` is `withdrawalNonce(payee)`.
    function withdrawWithSig(address payee, address to, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 amount);

    /// @notice Sends what accrued for a holder to the address that its claim key has named; parks it there when the token refuses.
    /// Anyone may.
    function withdrawClaimed(address holder) external returns (uint256 amount);

    /// @notice Takes `each` for every recording from the caller and credits them; it can be withdrawn at once.
    /// @dev Anyone may, for any registered recordings, repeats included; 0 is the training pool, once it has a receiver.
    /// Reverts when less arrives than is credited.
    function reward(uint32[] calldata ids, uint256 each) external;

    /// @notice What is parked for a payee.
    function parked(address payee) external view returns (uint256);

    /// @notice What has accrued for a holder who has not been found yet, by its claim key.
    function accrued(address holder) external view returns (uint256);

    /// @notice The nonce of a payee's next signed withdrawal.
    function withdrawalNonce(address payee) external view returns (uint256);
}
