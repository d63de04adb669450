// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountView, IEscrow} from "../interfaces/IEscrow.sol";
import {AccountWord} from "../libraries/AccountWords.sol";
import {Funding} from "./Funding.sol";
import {Modules} from "./Modules.sol";

/// @title Escrow
/// @notice Payers' accounts: funding, exits, fees. See IEscrow.
abstract contract Escrow is IEscrow, Funding, Modules {
    /// @notice The time after which an exit that is ready lapses, in seconds.
    uint256 public constant EXIT_WINDOW = EXIT_LAPSE;

    /// @notice Seconds between the request and the exit; longer than `maxLag`.
    uint256 public immutable EXIT_DELAY;

    constructor() {
        EXIT_DELAY = maxLag + EXIT_MARGIN;
    }

    /// @inheritdoc IEscrow
    function fund(address payer, uint256 amount) external nonReentrant {
        _deposit(payer, msg.sender, _receive(amount));
    }

    /// @inheritdoc IEscrow
    function fundWithPermit(address, uint256, uint256, uint8, bytes32, bytes32) external {
        _run(purseModule);
    }

    /// @inheritdoc IEscrow
    function fundWithAuthorization(address, uint256, uint256, uint256, bytes32, uint8, bytes32, bytes32) external {
        _run(purseModule);
    }

    /// @inheritdoc IEscrow
    function requestExit() external {
        _run(purseModule);
    }

    /// @inheritdoc IEscrow
    function cancelExit() external {
        _run(purseModule);
    }

    /// @inheritdoc IEscrow
    function exit() external returns (uint256 amount) {
        return abi.decode(_run(purseModule), (uint256));
    }

    /// @inheritdoc IEscrow
    function setReceivers(address, address) external {
        _run(oversightModule);
    }

    /// @inheritdoc IEscrow
    function sweep(address[] calldata) external returns (uint256 protocolFees, uint256 pool) {
        return abi.decode(_run(oversightModule), (uint256, uint256));
    }

    /// @inheritdoc IEscrow
    function protocolReceiver() external view returns (address) {
        return _state.protocolReceiver;
    }

    /// @inheritdoc IEscrow
    function poolReceiver() external view returns (address) {
        return _state.owners[0].owner();
    }

    /// @inheritdoc IEscrow
    function accounts(address payer) external view returns (AccountView memory) {
        AccountWord word = _state.accounts[payer];
        return AccountView(word.escrow(), word.protocolFees(), word.pool(), word.nextNonce());
    }

    /// @inheritdoc IEscrow
    function isNonceUsed(address payer, uint256 nonce) external view returns (bool) {
        return _state.accounts[payer].isNonceGone(nonce);
    }

    /// @inheritdoc IEscrow
    function exitTime(address payer) external view returns (uint256) {
        return _exitTime(payer);
    }
}
