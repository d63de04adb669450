// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../interfaces/IPayouts.sol";
import {OwnerWord} from "../libraries/OwnerWords.sol";
import {Packed} from "../libraries/Packed.sol";
import {Modules} from "./Modules.sol";
import {PayoutTransfers} from "./PayoutTransfers.sol";

/// @title Payouts
/// @notice Pays holders, and continues if one cannot receive. See IPayouts.
abstract contract Payouts is IPayouts, PayoutTransfers, Modules {
    /// @inheritdoc IPayouts
    function withdraw(uint256 recording) external nonReentrant returns (uint256 amount) {
        return _payOut(recording);
    }

    /// @inheritdoc IPayouts
    function withdrawMany(uint32[] calldata ids) external nonReentrant returns (uint256 total) {
        uint256 epoch = _epoch();
        bytes memory run = Packed.newRun(ids.length);
        address payee;
        uint256 owed;
        unchecked {
            for (uint256 i = 0; i < ids.length; i++) {
                uint256 id = ids[i];
                (uint256 amount, OwnerWord holder) = _take(id, epoch);
                if (amount == 0) continue;
                total += amount;
                if (holder.split() != 0) {
                    _divide(id, holder.split(), amount);
                    continue;
                }
                if (holder.owner() != payee) {
                    _finish(run, payee, owed);
                    (payee, owed) = (holder.owner(), 0);
                }
                Packed.push(run, id, amount);
                owed += amount;
            }
        }
        _finish(run, payee, owed);
    }

    /// @inheritdoc IPayouts
    function withdrawFor(address) external returns (uint256 amount) {
        return abi.decode(_run(purseModule), (uint256));
    }

    /// @inheritdoc IPayouts
    function withdrawTo(address) external returns (uint256 amount) {
        return abi.decode(_run(purseModule), (uint256));
    }

    /// @inheritdoc IPayouts
    function withdrawWithSig(address, address, uint256, bytes calldata) external returns (uint256 amount) {
        return abi.decode(_run(purseModule), (uint256));
    }

    /// @inheritdoc IPayouts
    function withdrawClaimed(address) external returns (uint256 amount) {
        return abi.decode(_run(purseModule), (uint256));
    }

    /// @inheritdoc IPayouts
    function reward(uint32[] calldata, uint256) external {
        _run(purseModule);
    }

    /// @inheritdoc IPayouts
    function parked(address payee) external view returns (uint256) {
        return _state.parked[payee];
    }

    /// @inheritdoc IPayouts
    function accrued(address holder) external view returns (uint256) {
        return _state.accrued[holder];
    }

    /// @inheritdoc IPayouts
    function withdrawalNonce(address payee) external view returns (uint256) {
        return _state.withdrawalNonces[payee];
    }

    // Pays the owner of a run of recordings.
    function _finish(bytes memory run, address payee, uint256 amount) private {
        if (amount == 0) return;

        Packed.emitRun(run, WithdrawnMany.selector, payee);

        _pay(payee, amount);
    }
}
