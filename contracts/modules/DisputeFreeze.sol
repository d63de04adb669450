// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {Attestation, Order} from "../interfaces/IRoyaltyLedger.sol";
import {DONE} from "../ledger/State.sol";
import {AccountWord, AccountWords} from "../libraries/AccountWords.sol";
import {Entries} from "../libraries/Entries.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {RecordingWord} from "../libraries/RecordingWords.sol";
import {SettlementErrors} from "../libraries/SettlementErrors.sol";
import {TypedHashes} from "../libraries/TypedHashes.sol";
import {FeeSweep} from "./FeeSweep.sol";

/// @title DisputeFreeze
/// @notice Takes the money of one settlement out of the buckets, and puts it back. See IDisputes.
abstract contract DisputeFreeze is FeeSweep {
    uint256 private constant WHOLE_BPS = 10_000;

    function freeze(Order calldata order, Attestation calldata given, bytes32 set)
        external
        restricted
        returns (uint256 amount)
    {
        amount = given.price;
        (bytes32 id, bytes32 key) = _keys(order, given, set);
        _checkOpen(order, given, key);

        _state.frozen[key] = amount;
        _gather(order.payer);
        _take(given, _feeOf(amount, set), _epoch());

        emit IDisputes.Frozen(id, key, amount);
    }

    function release(Order calldata order, Attestation calldata given, bytes32 set, bool reversed) external restricted {
        (bytes32 id, bytes32 key) = _keys(order, given, set);
        uint256 amount = _state.frozen[key];
        require(amount != 0 && amount < DONE, IDisputes.Disputes_NotFrozen(key));

        _state.frozen[key] = DONE;

        emit IDisputes.Released(id, key, amount, reversed);

        if (reversed) _refund(order.payer, amount);
        else _putBack(given, _feeOf(amount, set), _epoch());
    }

    // With weights that do not sum to a million, the parts would not sum to the price. No such attestation can have
    // settled.
    function _checkOpen(Order calldata order, Attestation calldata given, bytes32 key) private view {
        uint256 end = given.generatedAt + window;
        require(block.timestamp < end, IDisputes.Disputes_WindowOver(end, block.timestamp));
        bool settled = _state.accounts[order.payer].isNonceGone(order.nonce);
        require(settled, IDisputes.Disputes_NotSettled(order.payer, order.nonce));
        require(given.price != 0, IDisputes.Disputes_NothingToFreeze());
        require(_state.frozen[key] == 0, IDisputes.Disputes_FrozenBefore(key));
        SettlementErrors.checkShape(given.entries);
    }

    function _keys(Order calldata order, Attestation calldata given, bytes32 set)
        private
        pure
        returns (bytes32 id, bytes32 key)
    {
        id = TypedHashes.hash(order);
        key = TypedHashes.hash(given, set, id);
    }

    function _feeOf(uint256 price, bytes32 set) private view returns (uint256) {
        return price * _state.sets[set].protocolBps() / WHOLE_BPS;
    }

    // Moves fee and pool share into one place, where the oldest part is taken first. If they were taken from the
    // account although this settlement's own part is already swept, they would be another settlement's, and that one's
    // could be withdrawn before its window ends.
    function _gather(address payer) private {
        AccountWord account = _state.accounts[payer];
        if (account.protocolFees() == 0 && account.pool() == 0) return;

        (uint256 fee, uint256 share) = _empty(payer);
        _collect(fee, share);
    }

    function _take(Attestation calldata given, uint256 fee, uint256 epoch) private {
        (uint256[] memory ids, uint256[] memory parts) =
            Entries.amounts(given.entries, given.price - given.nodeFee - fee);
        for (uint256 i = 0; i < ids.length; i++) {
            (RecordingWord word, bool held) = _state.recordings[ids[i]].debit(parts[i], epoch);
            require(held, IDisputes.Disputes_NotHeld(ids[i], parts[i]));
            _state.recordings[ids[i]] = word;
        }

        (NodeWord node, bool earned) = _state.nodes[given.node].debit(given.nodeFee, epoch);
        require(earned, IDisputes.Disputes_FeeNotHeld(given.node, given.nodeFee));
        _state.nodes[given.node] = node;

        (NodeWord fees, bool swept) = _state.fees.debit(fee, epoch);
        require(swept, IDisputes.Disputes_FeeNotHeld(_state.protocolReceiver, fee));
        _state.fees = fees;
    }

    function _putBack(Attestation calldata given, uint256 fee, uint256 epoch) private {
        (uint256[] memory ids, uint256[] memory parts) =
            Entries.amounts(given.entries, given.price - given.nodeFee - fee);
        for (uint256 i = 0; i < ids.length; i++) {
            (RecordingWord word, bool fits) = _state.recordings[ids[i]].creditMatured(parts[i], epoch);
            require(fits, IDisputes.Disputes_NoRoom(ids[i], parts[i]));
            _state.recordings[ids[i]] = word;
        }

        (NodeWord node, bool room) = _state.nodes[given.node].creditMatured(given.nodeFee, epoch);
        require(room, IDisputes.Disputes_NoRoomForFee(given.node, given.nodeFee));
        _state.nodes[given.node] = node;

        (NodeWord fees, bool space) = _state.fees.creditMatured(fee, epoch);
        require(space, IDisputes.Disputes_NoRoomForFee(_state.protocolReceiver, fee));
        _state.fees = fees;
    }

    // If the payer's escrow has no room, the amount is parked for the payer.
    function _refund(address payer, uint256 amount) private {
        AccountWord account = _state.accounts[payer];
        if (amount <= AccountWords.MOST_ESCROW - account.escrow()) _state.accounts[payer] = account.deposit(amount);
        else _park(payer, amount);
    }
}
