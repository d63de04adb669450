// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Setup} from "../interfaces/ILedgerBase.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum, Receipt} from "../interfaces/IRoyaltyLedger.sol";
import {LedgerBase} from "../ledger/LedgerBase.sol";
import {Receipts} from "../libraries/Receipts.sol";
import {BatchSettlement} from "./BatchSettlement.sol";

/// @title SettlementModule
/// @notice Batches and upgrades: code that the ledger runs on its own storage. See IBatches, IRoyaltyLedger.
contract SettlementModule is BatchSettlement {
    constructor(Setup memory setup) LedgerBase(setup) {}

    function upgrade(
        Receipt calldata original,
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external {
        bytes32 before = Receipts.checkUpgrade(_state, _domainSeparatorV4(), original, order, attestation);
        bytes32 id = _settle(order, orderSignature, attestation, quorum);

        emit IRoyaltyLedger.Upgraded(id, before);
    }
}
