// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batches} from "./Batches.sol";
import {Catalogue} from "./Catalogue.sol";
import {Disputes} from "./Disputes.sol";
import {Escrow} from "./Escrow.sol";
import {Holdings} from "./Holdings.sol";
import {Modules} from "./Modules.sol";
import {Nodes} from "./Nodes.sol";
import {OracleSet} from "./OracleSet.sol";
import {Payouts} from "./Payouts.sol";
import {Roles} from "./Roles.sol";
import {Settling} from "./Settling.sol";
import {Setup} from "./interfaces/IHoldings.sol";
import {ModuleSet} from "./interfaces/IModules.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum, Receipt} from "./interfaces/IRoyaltyLedger.sol";
import {IWholeLedger} from "./interfaces/IWholeLedger.sol";
import {Typed} from "./libraries/Typed.sol";

/// @title RoyaltyLedger
/// @notice Divides the price of a generation among the recordings it was made from. See IRoyaltyLedger.
contract RoyaltyLedger is
    IWholeLedger,
    Settling,
    Batches,
    Catalogue,
    OracleSet,
    Payouts,
    Escrow,
    Nodes,
    Roles,
    Disputes
{
    constructor(Setup memory setup, ModuleSet memory modules) Holdings(setup) Modules(modules) {}

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
        return Typed.hash(order);
    }

    /// @inheritdoc IRoyaltyLedger
    function attestationHash(bytes32 set, bytes32 order, Attestation calldata attestation)
        external
        pure
        returns (bytes32)
    {
        return Typed.hash(attestation, set, order);
    }
}
