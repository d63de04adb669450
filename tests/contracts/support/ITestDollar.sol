// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IERC3009} from "../../../contracts/interfaces/IERC3009.sol";

/// @notice The signed transfers of our test token.
interface ITestDollar is IERC20Permit, IERC3009 {
    error TestDollar_NotReceiver(address caller, address to);
    error TestDollar_NotYetValid(uint256 validAfter, uint256 time);
    error TestDollar_NoLongerValid(uint256 validBefore, uint256 time);
    error TestDollar_AuthorizationUsed(address from, bytes32 nonce);
    error TestDollar_NotSigned(address signer, address from);

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    function authorizationState(address from, bytes32 nonce) external view returns (bool);
}
