// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {Holdings} from "./Holdings.sol";
import {Roles} from "./Roles.sol";
import {AccountView, IEscrow} from "./interfaces/IEscrow.sol";
import {AccountWord, AccountWords} from "./libraries/AccountWords.sol";

/// @title Escrow
/// @notice Payers' accounts: money in, money back, fees out. See IEscrow.
abstract contract Escrow is IEscrow, Holdings, Roles {
    using SafeERC20 for IERC20;

    /// @notice How long after an exit stands ready it lapses.
    uint256 public constant EXIT_WINDOW = 7 days;

    uint256 private constant EXIT_MARGIN = 1 days;

    /// @notice Seconds between asking for the escrow and getting it; longer than `maxLag`.
    uint256 public immutable EXIT_DELAY;

    /// @notice Who gets the protocol's fees.
    address public protocolReceiver;

    /// @notice Who gets the training pool.
    address public poolReceiver;

    mapping(address payer => AccountWord word) internal _accounts;
    mapping(address payer => uint256 from) private _exits;

    constructor(uint256 maxLag) {
        EXIT_DELAY = maxLag + EXIT_MARGIN;
    }

    /// @inheritdoc IEscrow
    function fund(address payer, uint256 amount) external nonReentrant {
        _fund(payer, amount);
    }

    /// @inheritdoc IEscrow
    function fundWithPermit(address payer, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // Somebody may have sent the permit ahead of us; the allowance is then there and the transfer decides.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _fund(payer, amount);
    }

    /// @inheritdoc IEscrow
    function requestExit() external {
        uint256 from = block.timestamp + EXIT_DELAY;
        _exits[msg.sender] = from;

        emit ExitRequested(msg.sender, from, from + EXIT_WINDOW);
    }

    /// @inheritdoc IEscrow
    function cancelExit() external {
        require(exitTime(msg.sender) != 0, Escrow_NoExit());

        delete _exits[msg.sender];

        emit ExitCancelled(msg.sender);
    }

    /// @inheritdoc IEscrow
    function exit() external nonReentrant returns (uint256 amount) {
        uint256 from = exitTime(msg.sender);
        require(from != 0, Escrow_NoExit());
        require(block.timestamp >= from, Escrow_ExitTooEarly(from, block.timestamp));

        AccountWord word = _accounts[msg.sender];
        amount = word.escrow();
        _accounts[msg.sender] = word.withoutEscrow();
        delete _exits[msg.sender];

        emit Exited(msg.sender, amount);

        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function setReceivers(address protocol, address pool) external onlyAdmin {
        require(protocol != address(0) && pool != address(0), Escrow_NoReceivers());

        protocolReceiver = protocol;
        poolReceiver = pool;

        emit ReceiversSet(protocol, pool);
    }

    /// @inheritdoc IEscrow
    function sweep(address[] calldata payers) external nonReentrant returns (uint256 protocolFees, uint256 pool) {
        require(protocolReceiver != address(0), Escrow_NoReceivers());

        for (uint256 i = 0; i < payers.length; i++) {
            AccountWord word = _accounts[payers[i]];
            protocolFees += word.protocolFees();
            pool += word.pool();
            _accounts[payers[i]] = word.withoutHeld();

            emit Swept(payers[i], word.protocolFees(), word.pool());
        }

        token.safeTransfer(protocolReceiver, protocolFees);
        token.safeTransfer(poolReceiver, pool);
    }

    /// @inheritdoc IEscrow
    function accounts(address payer) external view returns (AccountView memory) {
        AccountWord word = _accounts[payer];
        return AccountView(word.escrow(), word.protocolFees(), word.pool(), word.nextNonce());
    }

    /// @inheritdoc IEscrow
    function isNonceUsed(address payer, uint256 nonce) external view returns (bool) {
        AccountWord word = _accounts[payer];
        if (nonce >= word.nextNonce()) return nonce >= AccountWords.NONCES;

        uint256 age = word.age(nonce);
        return age >= AccountWords.WINDOW || word.isUsed(age);
    }

    /// @inheritdoc IEscrow
    function exitTime(address payer) public view returns (uint256) {
        uint256 from = _exits[payer];
        return block.timestamp < from + EXIT_WINDOW ? from : 0;
    }

    /// @dev The payer's account if it can pay `price` under `nonce`, with the nonce used; `_spend` writes it.
    function _openAccount(address payer, uint256 nonce, uint256 price) internal view returns (AccountWord word) {
        word = _accounts[payer];
        require(nonce < AccountWords.NONCES, Escrow_NonceTooLarge(nonce));
        if (nonce < word.nextNonce()) _checkNonce(word, nonce);
        require(price <= word.escrow(), Escrow_Short(word.escrow(), price));

        return word.withNonce(nonce);
    }

    /// @dev Takes `price` from an account that `_openAccount` gave.
    function _spend(address payer, AccountWord word, uint256 price, uint256 fee, uint256 share) internal {
        unchecked {
            require(fee <= AccountWords.MOST_HELD - word.protocolFees(), Escrow_FeesFull(word.protocolFees(), fee));
            require(share <= AccountWords.MOST_HELD - word.pool(), Escrow_PoolFull(word.pool(), share));
        }

        _accounts[payer] = word.spend(price, fee, share);
    }

    function _checkNonce(AccountWord word, uint256 nonce) private pure {
        uint256 age = word.age(nonce);
        require(age < AccountWords.WINDOW, Escrow_NonceTooOld(nonce, word.nextNonce()));
        require(!word.isUsed(age), Escrow_NonceUsed(nonce));
    }

    function _fund(address payer, uint256 amount) private {
        require(payer != address(0), Escrow_NoPayer());

        // What arrived, not what was sent: some tokens keep a part.
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;

        AccountWord word = _accounts[payer];
        require(received <= AccountWords.MOST_ESCROW - word.escrow(), Escrow_TooMuch(word.escrow(), received));
        _accounts[payer] = word.deposit(received);

        emit Funded(payer, msg.sender, received);
    }
}
