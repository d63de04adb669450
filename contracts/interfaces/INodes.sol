// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title INodes
/// @notice The generation nodes that may earn a fee, and their earnings.
///
/// A fee waits for the dispute window as a recording's credit does. Swept protocol fees wait in the same way. They are
/// shown and paid under the address of their current receiver, together with its own earnings if it is also a node.
///
/// Warning: an attestation that names a node which is no longer allowed does not settle, even if the track was made
/// while the node was allowed.
/// Warning: the set limits what may be settled through one node in one epoch (IOracleSet), so a stolen quorum can move
/// at most the cap times the number of allowed nodes. Allow only nodes that work.
interface INodes {
    event NodeAllowed(address indexed node, bool allowed);
    event NodeWithdrawn(address indexed node, uint256 amount);

    error Nodes_NotAllowed(address node);
    error Nodes_CapReached(address node, uint256 spent, uint256 cap);
    error Nodes_Full(address node, uint256 amount);

    /// @notice Allows a node to earn, or stops it. Admin only. The node keeps what it has earned.
    function allowNode(address node, bool allowed) external;

    /// @notice Sends a node what it can withdraw, or parks it if the token rejects the transfer. Anyone may call it.
    /// Does nothing if nothing is due.
    function withdrawNode(address node) external returns (uint256 amount);

    /// @notice What a node can withdraw now.
    function nodeBalance(address node) external view returns (uint256);

    /// @notice What a node has earned and is still open to dispute.
    function nodeDisputable(address node) external view returns (uint256);

    /// @notice The sum of the prices settled through a node in the current epoch.
    function nodeSpent(address node) external view returns (uint256);

    /// @notice Whether an attestation may name this node.
    function isNodeAllowed(address node) external view returns (bool);
}
