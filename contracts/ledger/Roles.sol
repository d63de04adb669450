// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoles} from "../interfaces/IRoles.sol";
import {SetWords} from "../libraries/SetWords.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Roles
/// @notice The pause, under an access manager. See IRoles.
abstract contract Roles is IRoles, LedgerBase {
    /// @inheritdoc IRoles
    function pause() external restricted {
        _setPaused(true, SetWords.STOPPED);

        emit Paused(msg.sender);
    }

    /// @inheritdoc IRoles
    function unpause() external restricted {
        _setPaused(false, SetWords.ACTIVE);

        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IRoles
    function paused() external view returns (bool) {
        return _state.paused;
    }

    // The pause is stored in the word of each active set, because a settlement reads that word anyway.
    function _setPaused(bool stopped, uint256 status) private {
        _state.paused = stopped;
        for (uint256 i = 0; i < _state.active.length; i++) {
            bytes32 set = _state.active[i];
            _state.sets[set] = _state.sets[set].withState(status);
        }
    }
}
