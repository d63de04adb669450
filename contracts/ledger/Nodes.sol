// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {INodes} from "../interfaces/INodes.sol";
import {Modules} from "./Modules.sol";

/// @title Nodes
/// @notice Generation nodes and their fees. See INodes.
abstract contract Nodes is INodes, Modules {
    /// @inheritdoc INodes
    function allowNode(address node, bool allowed) external restricted {
        _state.nodes[node] = _state.nodes[node].withAllowed(allowed);

        emit NodeAllowed(node, allowed);
    }

    /// @inheritdoc INodes
    function withdrawNode(address) external returns (uint256 amount) {
        return abi.decode(_run(purseModule), (uint256));
    }

    /// @inheritdoc INodes
    function isNodeAllowed(address node) external view returns (bool) {
        return _state.nodes[node].isAllowed();
    }

    /// @inheritdoc INodes
    function nodeBalance(address node) external view returns (uint256 amount) {
        amount = _state.nodes[node].due(_epoch());
        if (_isReceiver(node)) amount += _state.fees.due(_epoch());
    }

    /// @inheritdoc INodes
    function nodeDisputable(address node) external view returns (uint256 amount) {
        amount = _state.nodes[node].disputable(_epoch());
        if (_isReceiver(node)) amount += _state.fees.disputable(_epoch());
    }

    /// @inheritdoc INodes
    function nodeSpent(address node) external view returns (uint256) {
        return _state.nodes[node].spent(_epoch());
    }
}
