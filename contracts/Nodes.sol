// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {Holdings} from "./Holdings.sol";
import {Roles} from "./Roles.sol";
import {INodes} from "./interfaces/INodes.sol";

/// @title Nodes
/// @notice Generation nodes and their fees. See INodes.
abstract contract Nodes is INodes, Holdings, Roles {
    using SafeERC20 for IERC20;

    // The top bit says "allowed", so the word of an allowed node is never zero and its first fee opens no slot.
    uint256 private constant ALLOWED = 1 << 255;

    mapping(address node => uint256 word) private _nodes;

    /// @inheritdoc INodes
    function allowNode(address node, bool allowed) external onlyAdmin {
        uint256 balance = nodeBalance(node);
        _nodes[node] = allowed ? balance | ALLOWED : balance;

        emit NodeAllowed(node, allowed);
    }

    /// @inheritdoc INodes
    function withdrawNode(address node) external nonReentrant returns (uint256 amount) {
        amount = nodeBalance(node);
        _nodes[node] &= ALLOWED;

        emit NodeWithdrawn(node, amount);

        token.safeTransfer(node, amount);
    }

    /// @inheritdoc INodes
    function isNodeAllowed(address node) external view returns (bool) {
        return _nodes[node] & ALLOWED != 0;
    }

    /// @inheritdoc INodes
    function nodeBalance(address node) public view returns (uint256) {
        return _nodes[node] & ~ALLOWED;
    }

    /// @dev The caller answers for `fee` being far below the top bit.
    function _creditNode(address node, uint256 fee) internal {
        uint256 word = _nodes[node];
        require(word & ALLOWED != 0, Nodes_NotAllowed(node));

        unchecked {
            _nodes[node] = word + fee;
        }
    }
}
