// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Holdings} from "../Holdings.sol";
import {Setup} from "../interfaces/IHoldings.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum, Receipt} from "../interfaces/IRoyaltyLedger.sol";
import {Receipts} from "../libraries/Receipts.sol";
import {Batching} from "./Batching.sol";

/// @title SettlementModule
/// @notice Batches and upgrades: code that the ledger runs on its own storage. See IBatches, IRoyaltyLedger.
contract SettlementModule is Batching {
    constructor(Setup memory setup) Holdings(setup) {}

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
