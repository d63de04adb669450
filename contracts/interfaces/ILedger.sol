// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "./IBatches.sol";
import {ICatalogue} from "./ICatalogue.sol";
import {IDisputes} from "./IDisputes.sol";
import {IEscrow} from "./IEscrow.sol";
import {ILedgerBase} from "./ILedgerBase.sol";
import {INodes} from "./INodes.sol";
import {IOracleSet} from "./IOracleSet.sol";
import {IPayouts} from "./IPayouts.sol";
import {IRoles} from "./IRoles.sol";
import {IRoyaltyLedger} from "./IRoyaltyLedger.sol";

/// @title ILedger
/// @notice A ledger as other contracts and clients see it: all its interfaces in one.
interface ILedger is
    IRoyaltyLedger,
    IBatches,
    ICatalogue,
    IOracleSet,
    IEscrow,
    INodes,
    IPayouts,
    IRoles,
    IDisputes,
    ILedgerBase
{}
