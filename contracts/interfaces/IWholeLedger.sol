// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "./IBatches.sol";
import {ICatalogue} from "./ICatalogue.sol";
import {IDisputes} from "./IDisputes.sol";
import {IEscrow} from "./IEscrow.sol";
import {IHoldings} from "./IHoldings.sol";
import {INodes} from "./INodes.sol";
import {IOracleSet} from "./IOracleSet.sol";
import {IPayouts} from "./IPayouts.sol";
import {IRoles} from "./IRoles.sol";
import {IRoyaltyLedger} from "./IRoyaltyLedger.sol";

/// @title IWholeLedger
/// @notice A ledger as the contracts around it see it: all its pages in one.
interface IWholeLedger is
    IRoyaltyLedger,
    IBatches,
    ICatalogue,
    IOracleSet,
    IEscrow,
    INodes,
    IPayouts,
    IRoles,
    IDisputes,
    IHoldings
{}
