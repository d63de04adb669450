// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../interfaces/IEscrow.sol";
import {INodes} from "../interfaces/INodes.sol";
import {IOracleSet} from "../interfaces/IOracleSet.sol";
import {IRoles} from "../interfaces/IRoles.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum} from "../interfaces/IRoyaltyLedger.sol";
import {AccountWord, AccountWords} from "../libraries/AccountWords.sol";
import {Consents} from "../libraries/Consents.sol";
import {Entries} from "../libraries/Entries.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {Packed} from "../libraries/Packed.sol";
import {PackedProofs} from "../libraries/PackedProofs.sol";
import {SetWord, SetWords} from "../libraries/SetWords.sol";
import {SettlementErrors} from "../libraries/SettlementErrors.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {TypedHashes} from "../libraries/TypedHashes.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Settlement
/// @notice Divides the price of one generation: for the ledger itself, and for upgrades. See IRoyaltyLedger.
abstract contract Settlement is LedgerBase {
    uint256 internal constant WHOLE_BPS = 10_000;

    /// @dev The most that a recording's bucket can hold for one epoch, so that no single amount exceeds its field.
    uint256 internal constant MOST_PRICE = type(uint48).max;

    function _settle(
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) internal returns (bytes32 id) {
        id = TypedHashes.hash(order);
        bytes calldata entries = PackedProofs.entriesOf(attestation);
        (address[] calldata signers, bytes calldata signatures) = PackedProofs.partsOf(quorum);
        uint256 threshold = quorum.threshold;
        bytes32 set = PackedProofs.setId(threshold, signers);
        SetWord terms = _liveSet(set);

        bytes32 domain = _domainSeparatorV4();
        bytes32 stated = PackedProofs.digest(domain, TypedHashes.hash(attestation, entries, set, id));
        Signatures.checkQuorum(stated, threshold, signers, signatures);
        address payer = order.payer;
        bool signed = Signatures.isSigned(payer, PackedProofs.digest(domain, id), orderSignature);
        require(signed, IRoyaltyLedger.Settlement_OrderNotSigned(payer));
        uint256 price = attestation.price;
        uint256 nodeFee = attestation.nodeFee;
        uint256 fee = _checkTerms(order, attestation, price, nodeFee, terms);

        uint256 epoch = _epoch();
        bytes memory log;
        uint256 pool;
        unchecked {
            (log, pool) = _credit(entries, price - nodeFee - fee, attestation.generatedAt, order.use, epoch);
        }
        address node = attestation.node;
        _settleNode(node, nodeFee, price, terms.cap(), epoch);
        _spend(payer, order.nonce, price, fee, pool);

        // The event Settled; crediting has already written its arrays.
        Packed.head(log, attestation.manifest, price, nodeFee, fee);
        Packed.emitLog(log, IRoyaltyLedger.Settled.selector, id, payer, node);
    }

    // Returns the protocol fee. Nothing here can overflow, because the price is below 2^48. One branch if everything is
    // valid.
    function _checkTerms(
        Order calldata order,
        Attestation calldata given,
        uint256 price,
        uint256 nodeFee,
        SetWord terms
    ) private view returns (uint256 fee) {
        uint256 made = given.generatedAt;
        unchecked {
            bool inTime = Packed.and(made <= order.deadline, made <= block.timestamp);
            inTime = Packed.and(inTime, block.timestamp - made <= maxLag);
            bool priced = Packed.and(price <= order.maxPrice, price <= MOST_PRICE);
            uint256 most = price * terms.nodeCapBps() / WHOLE_BPS;
            bool fair = Packed.and(nodeFee <= most, order.use - 1 < Consents.ALL_USES);
            if (!Packed.and(Packed.and(inTime, priced), fair)) _refuseTerms(order, given, most);
            fee = price * terms.protocolBps() / WHOLE_BPS;
        }
    }

    function _refuseTerms(Order calldata order, Attestation calldata given, uint256 mostFee) private view {
        (uint256 made, uint256 time) = (given.generatedAt, block.timestamp);
        bool known = order.use != 0 && order.use <= Consents.ALL_USES;
        require(known, IRoyaltyLedger.Settlement_UnknownUse(order.use));
        require(made <= order.deadline, IRoyaltyLedger.Settlement_DeadlinePassed(order.deadline, made));
        require(made <= time, IRoyaltyLedger.Settlement_FromTheFuture(made, time));
        require(time - made <= maxLag, IRoyaltyLedger.Settlement_TooLate(made, time, maxLag));
        require(given.price <= order.maxPrice, IRoyaltyLedger.Settlement_PriceAboveMax(given.price, order.maxPrice));
        require(given.price <= MOST_PRICE, IRoyaltyLedger.Settlement_PriceTooLarge(given.price, MOST_PRICE));
        revert IRoyaltyLedger.Settlement_NodeFeeAboveCap(given.nodeFee, mostFee);
    }

    function _credit(bytes calldata entries, uint256 royalty, uint256 made, uint256 use, uint256 epoch)
        private
        returns (bytes memory log, uint256 pool)
    {
        uint256 length = entries.length;
        require(Packed.and(length != 0, length % Entries.SIZE == 0), IRoyaltyLedger.Settlement_EntriesLength(length));

        log = Packed.newLog(length);
        bool sound;
        (pool, sound) = Packed.credit(log, _state.recordings, entries, royalty, made, use, epoch);
        if (!sound) SettlementErrors.explain(_state, entries, made, use, epoch);
    }

    /// @dev The word of a set whose attestations settle now; reverts for any other set.
    function _liveSet(bytes32 set) internal view returns (SetWord word) {
        word = _state.sets[set];
        if (Packed.and(word.state() == SetWords.ACTIVE, block.timestamp < word.until())) return word;

        require(word.state() != SetWords.STOPPED, IRoles.Roles_Paused());
        require(word.state() == SetWords.ACTIVE, IOracleSet.OracleSet_NotActive(set));
        revert IOracleSet.OracleSet_Expired(word.until(), block.timestamp);
    }

    // Credits a node's fee and counts the price against the set's `cap`. Precondition, not checked here:
    // `price < 2^48`.
    function _settleNode(address node, uint256 fee, uint256 price, uint256 cap, uint256 epoch) private {
        NodeWord word = _state.nodes[node];
        require(word.isAllowed(), INodes.Nodes_NotAllowed(node));
        (NodeWord settled, bool fits) = word.settle(fee, price, epoch);
        uint256 spent = settled.spent(epoch);
        require(spent <= cap, INodes.Nodes_CapReached(node, spent, cap));
        require(fits, INodes.Nodes_Full(node, fee));
        _state.nodes[node] = settled;
    }

    // Takes the price with the order's nonce, and holds the fee and the pool share in the account.
    function _spend(address payer, uint256 nonce, uint256 price, uint256 fee, uint256 share) private {
        AccountWord word = _state.accounts[payer];
        bool fresh = Packed.and(nonce >= word.nextNonce(), nonce < AccountWords.NONCES);
        if (!fresh) _checkNonce(word, nonce);
        if (!word.canSpend(price, fee, share)) _refuseSpending(word, price, fee, share);

        _state.accounts[payer] = word.withNonce(nonce).spend(price, fee, share);
    }

    function _refuseSpending(AccountWord word, uint256 price, uint256 fee, uint256 share) private pure {
        require(price <= word.escrow(), IEscrow.Escrow_Short(word.escrow(), price));
        uint256 room = AccountWords.MOST_HELD - word.protocolFees();
        require(fee <= room, IEscrow.Escrow_FeesFull(word.protocolFees(), fee));
        revert IEscrow.Escrow_PoolFull(word.pool(), share);
    }

    function _checkNonce(AccountWord word, uint256 nonce) private pure {
        require(nonce < AccountWords.NONCES, IEscrow.Escrow_NonceTooLarge(nonce));
        uint256 age = word.age(nonce);
        require(age < AccountWords.WINDOW, IEscrow.Escrow_NonceTooOld(nonce, word.nextNonce()));
        require(!word.isUsed(age), IEscrow.Escrow_NonceUsed(nonce));
    }
}
