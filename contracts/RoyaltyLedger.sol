// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "./interfaces/ILedger.sol";
import {Setup} from "./interfaces/ILedgerBase.sol";
import {ModuleSet} from "./interfaces/IModules.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum, Receipt} from "./interfaces/IRoyaltyLedger.sol";
import {Batches} from "./ledger/Batches.sol";
import {Catalogue} from "./ledger/Catalogue.sol";
import {Disputes} from "./ledger/Disputes.sol";
import {Escrow} from "./ledger/Escrow.sol";
import {LedgerBase} from "./ledger/LedgerBase.sol";
import {Modules} from "./ledger/Modules.sol";
import {Nodes} from "./ledger/Nodes.sol";
import {OracleSet} from "./ledger/OracleSet.sol";
import {Payouts} from "./ledger/Payouts.sol";
import {Roles} from "./ledger/Roles.sol";
import {Settlement} from "./ledger/Settlement.sol";
import {TypedHashes} from "./libraries/TypedHashes.sol";

/// @title RoyaltyLedger
/// @notice Divides the price of a generation among the recordings that it was made from. See IRoyaltyLedger.
contract RoyaltyLedger is ILedger, Settlement, Batches, Catalogue, OracleSet, Payouts, Escrow, Nodes, Roles, Disputes {
    constructor(Setup memory setup, ModuleSet memory modules) LedgerBase(setup) Modules(modules) {}

    /// @inheritdoc IRoyaltyLedger
    function settle(
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external {
        _settle(order, orderSignature, attestation, quorum);
    }

    /// @inheritdoc IRoyaltyLedger
    function upgrade(Receipt calldata, Order calldata, bytes calldata, Attestation calldata, Quorum calldata) external {
        _run(settlementModule);
    }

    /// @inheritdoc IRoyaltyLedger
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IRoyaltyLedger
    function orderHash(Order calldata order) external pure returns (bytes32) {
        return TypedHashes.hash(order);
    }

    /// @inheritdoc IRoyaltyLedger
    function attestationHash(bytes32 set, bytes32 order, Attestation calldata attestation)
        external
        pure
        returns (bytes32)
    {
        return TypedHashes.hash(attestation, set, order);
    }
}
