// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IRoles
/// @notice The pause, and the roles.
///
/// An OpenZeppelin AccessManager decides who may call the functions marked "Admin only", "Guardian only" and "Court
/// only". A TimelockController with a delay of 48 hours or more should administer it. The guardian acts immediately,
/// and can only stop things.
///
/// Warning: a pause stops `settle`, `settleBatch`, `settleOrders` and `upgrade`, and nothing else. Credits can always
/// be withdrawn and payers can always leave, no matter who holds the roles.
interface IRoles {
    event Paused(address indexed by);
    event Unpaused(address indexed by);

    error Roles_Paused();

    /// @notice Whether settlement is paused.
    function paused() external view returns (bool);

    /// @notice Pauses settlement. Guardian only.
    function pause() external;

    /// @notice Resumes settlement. Admin only.
    function unpause() external;
}
