// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title INodes
/// @notice The generation nodes that may earn a fee, and what they have earned.
///
/// Warning: an attestation that names a node which is no longer allowed does not settle, however old the work.
interface INodes {
    event NodeAllowed(address indexed node, bool allowed);
    event NodeWithdrawn(address indexed node, uint256 amount);

    error Nodes_NotAllowed(address node);

    /// @notice Allows a node to earn, or stops it. Admin only. What it has earned stays its own.
    function allowNode(address node, bool allowed) external;

    /// @notice Sends a node what it has earned. Anyone may.
    function withdrawNode(address node) external returns (uint256 amount);

    /// @notice What a node has earned and not yet withdrawn.
    function nodeBalance(address node) external view returns (uint256);

    /// @notice Whether a node may be named in an attestation.
    function isNodeAllowed(address node) external view returns (bool);
}
