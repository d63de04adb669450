// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IPayouts
/// @notice Money out to the holders of recordings.
///
/// Anyone may trigger a payout; the money only goes where the recording's table says. Nothing here can be paused.
///
/// Each holder gets `floor(amount * upTo / 1e6) - floor(amount * before / 1e6)`, where `before` and `upTo` are the sums of
/// the shares before it and up to it, so the parts sum exactly to the amount.
///
/// A transfer that fails (a holder on the token's block list, say) does not stop the others: its part is parked under
/// the holder's address and can be fetched later.
interface IPayouts {
    event Withdrawn(uint32 indexed recording, address indexed payee, uint256 amount);
    event Parked(uint32 indexed recording, address indexed payee, uint256 amount);
    event ParkedWithdrawn(address indexed payee, uint256 amount);

    error Payouts_NothingParked(address payee);
    error Payouts_NoReceiver();

    /// @notice Pays out what a recording has earned. Returns 0, and pays nothing, when there is nothing.
    function withdraw(uint32 recording) external returns (uint256 amount);

    /// @notice `withdraw` for several recordings; returns the total.
    function withdrawMany(uint32[] calldata ids) external returns (uint256 amount);

    /// @notice What is parked for a payee.
    function parked(address payee) external view returns (uint256);

    /// @notice Sends a payee what is parked for it. Anyone may. Reverts when the token still refuses.
    function withdrawParked(address payee) external returns (uint256 amount);

    /// @notice Sends what is parked for the caller to another address of its choice.
    function withdrawParkedTo(address to) external returns (uint256 amount);
}
