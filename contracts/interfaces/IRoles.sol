// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IRoles
/// @notice The pause, and who may do what.
///
/// An OpenZeppelin AccessManager decides who may call the functions marked "Admin only", "Guardian only" and "Court only". It is
/// meant to be administered by a TimelockController with a delay of 48 hours or more; the guardian acts at once, and can
/// only stop things.
///
/// Warning: a pause stops `settle`, `settleBatch`, `settleOrders` and `upgrade`, and nothing else. Whatever was credited can be
/// withdrawn, and escrow can leave, whoever holds the keys.
interface IRoles {
    event Paused(address indexed by);
    event Unpaused(address indexed by);

    error Roles_Paused();

    /// @notice Whether settling is stopped.
    function paused() external view returns (bool);

    /// @notice Stops settling. Guardian only.
    function pause() external;

    /// @notice Lets settling go on. Admin only.
    function unpause() external;
}
