// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Catalogue} from "./Catalogue.sol";
import {Escrow} from "./Escrow.sol";
import {Holdings} from "./Holdings.sol";
import {Nodes} from "./Nodes.sol";
import {OracleSet} from "./OracleSet.sol";
import {Payouts} from "./Payouts.sol";
import {RightsSplits} from "./RightsSplits.sol";
import {Roles} from "./Roles.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum} from "./interfaces/IRoyaltyLedger.sol";
import {AccountWord} from "./libraries/AccountWords.sol";
import {Packed} from "./libraries/Packed.sol";
import {Refusals} from "./libraries/Refusals.sol";
import {SetWord} from "./libraries/SetWords.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Typed} from "./libraries/Typed.sol";

/// @title RoyaltyLedger
/// @notice Divides the price of a generation among the recordings it was made from. See IRoyaltyLedger.
contract RoyaltyLedger is IRoyaltyLedger, EIP712, OracleSet, Payouts, Escrow, Nodes {
    using MessageHashUtils for bytes32;

    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant ENTRY = 8;

    /// @inheritdoc IRoyaltyLedger
    uint256 public immutable maxLag;

    constructor(IERC20 token_, RightsSplits splits_, address admin_, address guardian_, uint256 maxLag_)
        EIP712("Refrain", "1")
        Roles(admin_, guardian_)
        Catalogue(splits_)
        Holdings(token_)
        Escrow(maxLag_)
    {
        maxLag = maxLag_;
    }

    /// @inheritdoc IRoyaltyLedger
    function settle(
        Order calldata order,
        bytes calldata orderSignature,
        Attestation calldata attestation,
        Quorum calldata quorum
    ) external {
        bytes32 id = Typed.hash(order);
        bytes calldata entries = attestation.entries;
        address[] calldata signers = quorum.signers;
        bytes32 set = Packed.setId(quorum.threshold, signers);
        SetWord terms = _liveSet(set);

        bytes32 domain = _domainSeparatorV4();
        bytes32 stated = domain.toTypedDataHash(Typed.hash(attestation, keccak256(entries), set, id));
        Signatures.checkQuorum(stated, quorum.threshold, signers, quorum.signatures);
        Signatures.checkOrder(order.payer, domain.toTypedDataHash(id), orderSignature);
        AccountWord account = _openAccount(order.payer, order.nonce, attestation.price);
        uint256 fee = _checkTerms(order, attestation, terms);

        uint256 royalty = attestation.price - attestation.nodeFee - fee;
        (bytes memory log, uint256 pool) = _credit(entries, royalty, attestation.generatedAt, order.use);
        _creditNode(attestation.node, attestation.nodeFee);
        _spend(order.payer, account, attestation.price, fee, pool);

        // The event Settled, whose arrays the crediting has written.
        Packed.head(log, attestation.manifest, attestation.price, attestation.nodeFee, fee);
        Packed.emitLog(log, Settled.selector, id, order.payer, attestation.node);
    }

    /// @inheritdoc IRoyaltyLedger
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IRoyaltyLedger
    function orderHash(Order calldata order) external pure returns (bytes32) {
        return Typed.hash(order);
    }

    /// @inheritdoc IRoyaltyLedger
    function attestationHash(bytes32 set, bytes32 order, Attestation calldata attestation)
        external
        pure
        returns (bytes32)
    {
        return Typed.hash(attestation, keccak256(attestation.entries), set, order);
    }

    // Returns the protocol's fee. Nothing here can wrap: the price is at most what an escrow holds.
    function _checkTerms(Order calldata order, Attestation calldata given, SetWord terms)
        private
        view
        returns (uint256 fee)
    {
        uint256 made = given.generatedAt;
        uint256 price = given.price;
        require(order.use != 0 && order.use <= ALL_USES, Settlement_UnknownUse(order.use));
        require(made <= order.deadline, Settlement_DeadlinePassed(order.deadline, made));
        require(made <= block.timestamp, Settlement_FromTheFuture(made, block.timestamp));
        require(price <= order.maxPrice, Settlement_PriceAboveMax(price, order.maxPrice));
        unchecked {
            require(block.timestamp - made <= maxLag, Settlement_TooLate(made, block.timestamp, maxLag));
            uint256 most = price * terms.nodeCapBps() / WHOLE_BPS;
            require(given.nodeFee <= most, Settlement_NodeFeeAboveCap(given.nodeFee, most));
            fee = price * terms.protocolBps() / WHOLE_BPS;
        }
    }

    function _credit(bytes calldata entries, uint256 royalty, uint256 made, uint256 use)
        private
        returns (bytes memory log, uint256 pool)
    {
        uint256 length = entries.length;
        require(length != 0 && length % ENTRY == 0, Settlement_EntriesLength(length));

        log = Packed.newLog(length);
        bool sound;
        (pool, sound) = Packed.credit(log, _recordings, entries, royalty, made, use);
        if (!sound) Refusals.explain(_recordings, entries, royalty, made, use);
    }
}
