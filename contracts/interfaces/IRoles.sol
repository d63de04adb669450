// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IRoles
/// @notice Who may do what, and the pause.
///
/// The admin is fixed at deployment. It is meant to be a timelock or a multi-signature account with a succession of its
/// own; a lost admin can never be replaced here. The guardian is meant to be quick: it can only stop things.
///
/// Warning: a pause stops `settle` and nothing else. Whatever was credited can be withdrawn, and escrow can leave,
/// whoever holds the keys.
interface IRoles {
    event Paused(address indexed by);
    event Unpaused(address indexed by);
    event GuardianSet(address indexed guardian);

    error Roles_NotAdmin(address caller);
    error Roles_NotGuardian(address caller);
    error Roles_NoAddress();
    error Roles_Paused();

    /// @notice The account that proposes sets, allows nodes and unpauses.
    function admin() external view returns (address);

    /// @notice The account that pauses and removes sets at once.
    function guardian() external view returns (address);

    /// @notice Whether settling is stopped.
    function paused() external view returns (bool);

    /// @notice Replaces the guardian. Admin only.
    function setGuardian(address newGuardian) external;

    /// @notice Stops settling. Guardian only.
    function pause() external;

    /// @notice Lets settling go on. Admin only.
    function unpause() external;
}
