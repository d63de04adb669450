// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title INodes
/// @notice The generation nodes that may earn a fee, and what they have earned.
///
/// A fee waits for the dispute window as a recording's credit does. The protocol's fees, once swept, wait in the same way and
/// are shown and paid under the name of their present receiver, with what that has earned as a node, if it is one.
///
/// Warning: an attestation that names a node which is no longer allowed does not settle, however old the work.
/// Warning: what may be settled through one node in one epoch is capped by the set (IOracleSet), so a stolen quorum can move
/// at most the cap times the number of allowed nodes. Allow no more of them than work.
interface INodes {
    event NodeAllowed(address indexed node, bool allowed);
    event NodeWithdrawn(address indexed node, uint256 amount);

    error Nodes_NotAllowed(address node);
    error Nodes_CapReached(address node, uint256 spent, uint256 cap);
    error Nodes_Full(address node, uint256 amount);

    /// @notice Allows a node to earn, or stops it. Admin only. What it has earned stays its own.
    function allowNode(address node, bool allowed) external;

    /// @notice Sends a node what it has earned and can withdraw; parks it when the token refuses. Anyone may. Where
    /// nothing is due, nothing happens.
    function withdrawNode(address node) external returns (uint256 amount);

    /// @notice What a node can withdraw now.
    function nodeBalance(address node) external view returns (uint256);

    /// @notice What a node has earned that is still open to dispute.
    function nodeDisputable(address node) external view returns (uint256);

    /// @notice The sum of the prices settled through a node in this epoch.
    function nodeSpent(address node) external view returns (uint256);

    /// @notice Whether a node may be named in an attestation.
    function isNodeAllowed(address node) external view returns (bool);
}
