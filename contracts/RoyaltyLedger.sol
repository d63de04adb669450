// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

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
import {RecordingWord, RecordingWords} from "./libraries/RecordingWords.sol";
import {SetWord, SetWords} from "./libraries/SetWords.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Typed} from "./libraries/Typed.sol";

/// @title RoyaltyLedger
/// @notice Divides the price of a generation among the recordings it was made from. See IRoyaltyLedger.
contract RoyaltyLedger is IRoyaltyLedger, EIP712, OracleSet, Payouts, Escrow, Nodes {
    uint256 private constant MILLION = 1_000_000;
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant ENTRY = 8;

    // From 1/10,000 to 1/1,000,000.
    uint256 private constant WEIGHT_PER_SHARE = 100;

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
        bytes32 set = _setId(quorum.threshold, quorum.signers);
        SetWord terms = _liveSet(set);

        Signatures.checkQuorum(_hashTypedDataV4(Typed.hash(attestation, set, id)), quorum);
        Signatures.checkOrder(order.payer, _hashTypedDataV4(id), orderSignature);
        _checkTerms(order, attestation, terms);

        uint256 fee = attestation.price * terms.protocolBps() / WHOLE_BPS;
        uint256 royalty = attestation.price - attestation.nodeFee - fee;
        (uint32[] memory ids, uint256[] memory amounts, uint256 pool) =
            _credit(attestation.entries, royalty, attestation.generatedAt, order.use);
        _creditNode(attestation.node, attestation.nodeFee);
        AccountWord account = _accounts[order.payer];
        _accounts[order.payer] = _spend(account, order.nonce, attestation.price, fee, pool);

        emit Settled(
            id,
            order.payer,
            attestation.node,
            attestation.manifest,
            attestation.price,
            attestation.nodeFee,
            fee,
            ids,
            amounts
        );
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
        return Typed.hash(attestation, set, order);
    }

    function _liveSet(bytes32 set) private view returns (SetWord word) {
        require(!paused, Settlement_Paused());
        word = _setWord(set);
        require(word.state() == SetWords.ACTIVE, Settlement_SetNotActive(set));
        require(block.timestamp < word.until(), Settlement_SetExpired(word.until(), block.timestamp));
    }

    function _checkTerms(Order calldata order, Attestation calldata given, SetWord terms) private view {
        uint256 made = given.generatedAt;
        uint256 cap = terms.nodeCapBps();
        require(order.use != 0, Settlement_NoUse());
        require(made <= order.deadline, Settlement_DeadlinePassed(order.deadline, made));
        require(made <= block.timestamp, Settlement_FromTheFuture(made, block.timestamp));
        require(block.timestamp - made <= maxLag, Settlement_TooLate(made, block.timestamp, maxLag));
        require(given.price <= order.maxPrice, Settlement_PriceAboveMax(given.price, order.maxPrice));
        require(
            given.nodeFee * WHOLE_BPS <= given.price * cap, Settlement_NodeFeeAboveCap(given.nodeFee, given.price, cap)
        );
    }

    function _credit(bytes calldata entries, uint256 royalty, uint256 made, uint256 use)
        private
        returns (uint32[] memory ids, uint256[] memory amounts, uint256 pool)
    {
        uint256 count = entries.length / ENTRY;
        require(count * ENTRY == entries.length && count != 0, Settlement_EntriesLength(entries.length));
        ids = new uint32[](count);
        amounts = new uint256[](count);

        uint256 previous;
        uint256 upTo;
        uint256 paid;
        for (uint256 i = 0; i < count; i++) {
            (uint256 id, uint256 weight) = Packed.entry(entries, i);
            require(id > previous || i == 0, Settlement_EntriesNotAscending(previous, id));
            require(weight != 0, Settlement_NoWeight(id));
            previous = id;
            upTo += weight;
            uint256 amount = royalty * upTo / MILLION - paid;
            paid += amount;
            ids[i] = uint32(id);
            amounts[i] = amount;
            if (id == 0) {
                pool = amount;
            } else {
                _creditOne(id, weight, amount, made, use);
            }
        }
        require(upTo == MILLION, Settlement_WeightsDoNotSum(upTo));
    }

    function _creditOne(uint256 id, uint256 weight, uint256 amount, uint256 made, uint256 use) private {
        RecordingWord word = _recordings[id];
        (uint256 from, uint256 until) = (word.consentFrom(), word.consentUntil());
        uint256 most = word.maxShare() * WEIGHT_PER_SHARE;
        require(from <= made && made < until, Settlement_NoConsent(id, made, from, until));
        require(word.uses() & use == use, Settlement_UseNotPermitted(id, use, word.uses()));
        require(weight <= most, Settlement_ShareAboveMax(id, weight, most));
        require(amount <= RecordingWords.MOST - word.matured(), Settlement_RecordingFull(id, word.matured(), amount));

        _recordings[id] = RecordingWord.wrap(RecordingWord.unwrap(word) + amount);
    }
}
