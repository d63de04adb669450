// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IERC3009} from "../interfaces/IERC3009.sol";

/// @title TestDollar
/// @notice A stablecoin for development chains: 6 decimals, ERC-2612, ERC-3009, and anyone may mint.
contract TestDollar is ERC20, ERC20Permit, IERC3009 {
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    /// @notice Whether an authorisation has been used.
    mapping(address from => mapping(bytes32 nonce => bool used)) public authorizationState;

    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    error TestDollar_NotReceiver(address caller, address to);
    error TestDollar_NotYetValid(uint256 validAfter, uint256 time);
    error TestDollar_NoLongerValid(uint256 validBefore, uint256 time);
    error TestDollar_AuthorizationUsed(address from, bytes32 nonce);
    error TestDollar_NotSigned(address signer, address from);

    constructor() ERC20("Test Dollar", "TUSD") ERC20Permit("Test Dollar") {}

    /// @notice Creates tokens for anyone.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Moves `value` as `from` has signed; anyone may submit it.
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
    ) external {
        bytes32 stated = keccak256(abi.encode(TRANSFER, from, to, value, validAfter, validBefore, nonce));
        _checkSigned(from, stated, v, r, s);
        _useAuthorization(from, nonce, validAfter, validBefore);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(to == msg.sender, TestDollar_NotReceiver(msg.sender, to));
        bytes32 stated = keccak256(abi.encode(RECEIVE, from, to, value, validAfter, validBefore, nonce));
        _checkSigned(from, stated, v, r, s);
        _useAuthorization(from, nonce, validAfter, validBefore);
        _transfer(from, to, value);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _useAuthorization(address from, bytes32 nonce, uint256 validAfter, uint256 validBefore) private {
        require(block.timestamp > validAfter, TestDollar_NotYetValid(validAfter, block.timestamp));
        require(block.timestamp < validBefore, TestDollar_NoLongerValid(validBefore, block.timestamp));
        require(!authorizationState[from][nonce], TestDollar_AuthorizationUsed(from, nonce));

        authorizationState[from][nonce] = true;

        emit AuthorizationUsed(from, nonce);
    }

    function _checkSigned(address from, bytes32 stated, uint8 v, bytes32 r, bytes32 s) private view {
        address signer = ECDSA.recover(_hashTypedDataV4(stated), v, r, s);
        require(signer == from, TestDollar_NotSigned(signer, from));
    }
}
