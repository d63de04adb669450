// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../interfaces/IPayouts.sol";
import {OwnerWord} from "../libraries/OwnerWords.sol";
import {RecordingWord} from "../libraries/RecordingWords.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title PayoutTransfers
/// @notice Takes the amount due out of a recording's word and pays it to the holders.
abstract contract PayoutTransfers is LedgerBase {
    /// @dev Pays a recording's holders what can be withdrawn.
    function _payOut(uint256 recording) internal returns (uint256 amount) {
        OwnerWord holder;
        (amount, holder) = _take(recording, _epoch());
        if (amount == 0) return 0;

        if (holder.split() != 0) _divide(recording, holder.split(), amount);
        else _send(recording, holder.owner(), amount, false);
    }

    /// @dev Takes the amount due out of the recording's word. Writes nothing if nothing is due, or for an id that no
    /// recording can have.
    function _take(uint256 recording, uint256 epoch) internal returns (uint256 amount, OwnerWord holder) {
        if (recording > type(uint32).max) return (0, holder);

        RecordingWord word;
        (amount, word) = _state.recordings[recording].take(epoch);
        if (amount == 0) return (0, holder);

        holder = _state.owners[recording];
        if (holder.owner() == address(0)) return (0, holder);
        _state.recordings[recording] = word;
    }

    function _divide(uint256 recording, uint32 split, uint256 amount) internal {
        (address[] memory payees, uint256[] memory amounts, bool[] memory pending) = splits.divide(split, amount);
        for (uint256 i = 0; i < payees.length; i++) {
            if (amounts[i] != 0) _send(recording, payees[i], amounts[i], pending[i]);
        }
    }

    function _send(uint256 recording, address payee, uint256 amount, bool pending) private {
        emit IPayouts.Withdrawn(uint32(recording), payee, amount);

        if (pending) _accrue(payee, amount);
        else _pay(payee, amount);
    }

    function _accrue(address holder, uint256 amount) private {
        _state.accrued[holder] += amount;

        emit IPayouts.Accrued(holder, amount);
    }
}
