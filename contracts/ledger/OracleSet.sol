// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet, SetTerms, SetView} from "../interfaces/IOracleSet.sol";
import {SetWord} from "../libraries/SetWords.sol";
import {Modules} from "./Modules.sol";

/// @title OracleSet
/// @notice Sets of signers and their rotation. See IOracleSet.
abstract contract OracleSet is IOracleSet, Modules {
    /// @inheritdoc IOracleSet
    function installFirstSet(uint256, address[] calldata, SetTerms calldata) external returns (bytes32 set) {
        return abi.decode(_run(oversightModule), (bytes32));
    }

    /// @inheritdoc IOracleSet
    function proposeSet(uint256, address[] calldata, SetTerms calldata) external returns (bytes32 set) {
        return abi.decode(_run(oversightModule), (bytes32));
    }

    /// @inheritdoc IOracleSet
    function activateSet(uint256, address[] calldata) external returns (bytes32 set) {
        return abi.decode(_run(oversightModule), (bytes32));
    }

    /// @inheritdoc IOracleSet
    function removeSet(bytes32) external {
        _run(oversightModule);
    }

    /// @inheritdoc IOracleSet
    function sets(bytes32 set) external view returns (SetView memory found) {
        SetWord word = _state.sets[set];
        (found.active, found.used) = (word.isActive(), word.isUsed());
        (found.protocolBps, found.nodeCapBps) = (word.protocolBps(), word.nodeCapBps());
        (found.until, found.activeFrom, found.cap) = (word.until(), word.activeFrom(), word.cap());
    }
}
