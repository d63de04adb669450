// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {ICatalogue} from "../../../contracts/interfaces/ICatalogue.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IModules} from "../../../contracts/interfaces/IModules.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";

/// @notice The whole ledger as its users see it, with its modules and constants.
interface ITestLedger is
    IAccessManaged,
    ILedgerBase,
    IModules,
    IRoyaltyLedger,
    IBatches,
    IRoles,
    ICatalogue,
    IOracleSet,
    IEscrow,
    INodes,
    IPayouts,
    IDisputes
{
    function EXIT_DELAY() external view returns (uint256);
    function EXIT_WINDOW() external view returns (uint256);
}

/// @notice The functions of a token that our tests use.
interface IToken {
    function mint(address to, uint256 amount) external;
    function balanceOf(address who) external view returns (uint256);
    function approve(address spender, uint256 amount) external;
}
