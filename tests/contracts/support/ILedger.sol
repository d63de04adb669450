// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue} from "../../../contracts/interfaces/ICatalogue.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";

/// @notice The whole ledger as its users see it.
interface ILedger is IRoyaltyLedger, IRoles, ICatalogue, IOracleSet, IEscrow, INodes, IPayouts {
    function EXIT_DELAY() external view returns (uint256);
    function EXIT_WINDOW() external view returns (uint256);
    function SET_DELAY() external view returns (uint256);
}

/// @notice What our tests ask of a token.
interface IToken {
    function mint(address to, uint256 amount) external;
    function balanceOf(address who) external view returns (uint256);
    function approve(address spender, uint256 amount) external;
}
