// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../interfaces/IEscrow.sol";
import {LedgerBase} from "../ledger/LedgerBase.sol";
import {AccountWord} from "../libraries/AccountWords.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {RecordingWord} from "../libraries/RecordingWords.sol";

/// @title FeeSweep
/// @notice Moves fees and pool shares from the payers' accounts to their receivers. See IEscrow.
abstract contract FeeSweep is LedgerBase {
    function setReceivers(address protocol, address pool) external restricted {
        require(protocol != address(0) && pool != address(0), IEscrow.Escrow_NoReceivers());

        _state.protocolReceiver = protocol;
        _state.owners[0] = _state.owners[0].withHolder(pool, 0);

        emit IEscrow.ReceiversSet(protocol, pool);
    }

    function sweep(address[] calldata payers) external returns (uint256 protocolFees, uint256 pool) {
        require(_state.protocolReceiver != address(0), IEscrow.Escrow_NoReceivers());

        for (uint256 i = 0; i < payers.length; i++) {
            (uint256 fee, uint256 share) = _empty(payers[i]);
            protocolFees += fee;
            pool += share;
        }

        _collect(protocolFees, pool);
    }

    function _empty(address payer) internal returns (uint256 fee, uint256 share) {
        AccountWord word = _state.accounts[payer];
        (fee, share) = (word.protocolFees(), word.pool());
        _state.accounts[payer] = word.withoutHeld();

        emit IEscrow.Swept(payer, fee, share);
    }

    function _collect(uint256 protocolFees, uint256 pool) internal {
        uint256 epoch = _epoch();
        (NodeWord fees, bool room) = _state.fees.credit(protocolFees, epoch);
        (RecordingWord shares, bool space) = _state.recordings[0].credit(pool, epoch);
        require(room && space, IEscrow.Escrow_SweepTooMuch(protocolFees, pool));

        _state.fees = fees;
        _state.recordings[0] = shares;
    }
}
