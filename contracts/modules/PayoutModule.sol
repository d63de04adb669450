// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IERC3009} from "../interfaces/IERC3009.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {Setup} from "../interfaces/ILedgerBase.sol";
import {INodes} from "../interfaces/INodes.sol";
import {IPayouts} from "../interfaces/IPayouts.sol";
import {Funding} from "../ledger/Funding.sol";
import {LedgerBase} from "../ledger/LedgerBase.sol";
import {AccountWord} from "../libraries/AccountWords.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {RecordingWord} from "../libraries/RecordingWords.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {TypedHashes} from "../libraries/TypedHashes.sol";

/// @title PayoutModule
/// @notice The less frequent ways of money in and out: signed funding, exits, parked and accrued amounts, nodes,
/// rewards. Code that the ledger runs on its own storage. See IEscrow, IPayouts, INodes.
contract PayoutModule is Funding {
    using SafeERC20 for IERC20;

    constructor(Setup memory setup) LedgerBase(setup) {}

    function fundWithPermit(address payer, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // Somebody may have used the permit before this call. Then the allowance exists, and the transfer decides.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(payer, msg.sender, _receive(amount));
    }

    function fundWithAuthorization(
        address payer,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        uint256 before = token.balanceOf(address(this));
        IERC3009(address(token))
            .receiveWithAuthorization(payer, address(this), amount, validAfter, validBefore, nonce, v, r, s);
        _deposit(payer, payer, token.balanceOf(address(this)) - before);
    }

    function requestExit() external {
        uint256 from = block.timestamp + maxLag + EXIT_MARGIN;
        _state.exits[msg.sender] = from;

        emit IEscrow.ExitRequested(msg.sender, from, from + EXIT_LAPSE);
    }

    function cancelExit() external {
        require(_exitTime(msg.sender) != 0, IEscrow.Escrow_NoExit());

        delete _state.exits[msg.sender];

        emit IEscrow.ExitCancelled(msg.sender);
    }

    function exit() external nonReentrant returns (uint256 amount) {
        uint256 from = _exitTime(msg.sender);
        require(from != 0, IEscrow.Escrow_NoExit());
        require(block.timestamp >= from, IEscrow.Escrow_ExitTooEarly(from, block.timestamp));

        AccountWord word = _state.accounts[msg.sender];
        amount = word.escrow();
        _state.accounts[msg.sender] = word.withoutEscrow();
        delete _state.exits[msg.sender];

        emit IEscrow.Exited(msg.sender, amount);

        if (amount != 0) _pay(msg.sender, amount);
    }

    function withdrawFor(address payee) external nonReentrant returns (uint256 amount) {
        return _unpark(payee, payee);
    }

    function withdrawClaimed(address holder) external nonReentrant returns (uint256 amount) {
        address to = splits.claimedBy(holder);
        amount = _state.accrued[holder];
        require(to != address(0) && amount != 0, IPayouts.Payouts_NothingClaimed(holder, amount));

        delete _state.accrued[holder];

        emit IPayouts.ClaimedWithdrawn(holder, to, amount);

        _pay(to, amount);
    }

    function withdrawTo(address to) external nonReentrant returns (uint256 amount) {
        return _unpark(msg.sender, to);
    }

    function withdrawWithSig(address payee, address to, uint256 deadline, bytes calldata signature)
        external
        nonReentrant
        returns (uint256 amount)
    {
        require(block.timestamp <= deadline, IPayouts.Payouts_DeadlinePassed(deadline, block.timestamp));
        uint256 nonce = _state.withdrawalNonces[payee]++;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(TypedHashes.WITHDRAWAL, payee, to, nonce, deadline)));
        require(Signatures.isSigned(payee, digest, signature), IPayouts.Payouts_NotSigned(payee));

        return _unpark(payee, to);
    }

    function reward(uint32[] calldata ids, uint256 each) external nonReentrant {
        uint256 epoch = _epoch();
        for (uint256 i = 0; i < ids.length; i++) {
            require(_state.owners[ids[i]].owner() != address(0), IPayouts.Payouts_UnknownRecording(ids[i]));
            (RecordingWord word, bool fits) = _state.recordings[ids[i]].creditMatured(each, epoch);
            require(fits, IPayouts.Payouts_RecordingFull(ids[i], each));
            _state.recordings[ids[i]] = word;
        }

        emit IPayouts.Rewarded(msg.sender, ids, each);

        // Amounts that fit into a word cannot overflow here.
        uint256 needed = each * ids.length;
        uint256 received = _receive(needed);
        require(received >= needed, IPayouts.Payouts_FellShort(received, needed));
    }

    function withdrawNode(address node) external nonReentrant returns (uint256 amount) {
        NodeWord word;
        (amount, word) = _state.nodes[node].take(_epoch());
        _state.nodes[node] = word;
        if (_isReceiver(node)) amount += _takeFees();
        if (amount == 0) return 0;

        emit INodes.NodeWithdrawn(node, amount);

        _pay(node, amount);
    }

    function _takeFees() private returns (uint256 amount) {
        NodeWord fees;
        (amount, fees) = _state.fees.take(_epoch());
        _state.fees = fees;
    }

    function _unpark(address payee, address to) private returns (uint256 amount) {
        require(to != address(0), IPayouts.Payouts_NoReceiver());
        amount = _state.parked[payee];
        require(amount != 0, IPayouts.Payouts_NothingParked(payee));

        delete _state.parked[payee];

        emit IPayouts.ParkedWithdrawn(payee, to, amount);

        token.safeTransfer(to, amount);
    }
}
