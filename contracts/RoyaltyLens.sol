// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingView} from "./interfaces/ICatalogue.sol";
import {AccountView} from "./interfaces/IEscrow.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IOracleSet, SetView} from "./interfaces/IOracleSet.sol";
import {IRoyaltyLedger} from "./interfaces/IRoyaltyLedger.sol";
import {ConsentView, IRoyaltyLens, NodeView, PayerView, Quote, SetSummary} from "./interfaces/IRoyaltyLens.sol";
import {Entries} from "./libraries/Entries.sol";
import {History} from "./libraries/History.sol";
import {RecordingWord} from "./libraries/RecordingWords.sol";
import {SettlementErrors} from "./libraries/SettlementErrors.sol";

/// @title RoyaltyLens
/// @notice Reads many items of a ledger in one call. See IRoyaltyLens.
contract RoyaltyLens is IRoyaltyLens {
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant MOST_PRICE = type(uint48).max;
    uint256 private constant TIERS = 4;

    /// @inheritdoc IRoyaltyLens
    ILedger public immutable ledger;

    constructor(ILedger seen) {
        require(address(seen).code.length != 0, RoyaltyLens_NotALedger(address(seen)));

        ledger = seen;
    }

    /// @inheritdoc IRoyaltyLens
    function recordings(uint32[] calldata ids) external view returns (RecordingView[] memory found) {
        found = new RecordingView[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            found[i] = ledger.recordings(ids[i]);
        }
    }

    /// @inheritdoc IRoyaltyLens
    function consentAt(uint32 recording, uint256 time) external view returns (ConsentView memory) {
        RecordingWord word = History.at(ledger, recording, time);
        return ConsentView({
            stands: History.stands(word, 0, time),
            consentFrom: uint32(word.consentFrom()),
            consentUntil: uint32(word.consentUntil()),
            uses: uint8(word.uses()),
            maxShare: uint16(word.maxShare())
        });
    }

    /// @inheritdoc IRoyaltyLens
    function inferenceSet(uint32 from, uint32 count, uint256 time)
        external
        view
        returns (uint32[] memory ids, uint32 next)
    {
        return _consenting(from, count, History.CONDITIONING, time);
    }

    /// @inheritdoc IRoyaltyLens
    function trainingSet(uint32 from, uint32 count, uint256 time)
        external
        view
        returns (uint32[] memory ids, uint32 next)
    {
        return _consenting(from, count, History.TRAINING, time);
    }

    /// @inheritdoc IRoyaltyLens
    function withdrawable(uint32[] calldata ids) external view returns (uint256 total, uint256[] memory amounts) {
        amounts = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            amounts[i] = ledger.recordings(ids[i]).unclaimed;
            total += amounts[i];
        }
    }

    /// @inheritdoc IRoyaltyLens
    function maturesAt(uint32 recording) external view returns (uint256 first, uint256 last) {
        if (ledger.recordings(recording).disputable == 0) return (0, 0);

        uint256 window = ledger.window();
        first = (block.timestamp / window + 1) * window;
        last = first + window;
    }

    /// @inheritdoc IRoyaltyLens
    function payers(address[] calldata who) external view returns (PayerView[] memory found) {
        found = new PayerView[](who.length);
        for (uint256 i = 0; i < who.length; i++) {
            AccountView memory account = ledger.accounts(who[i]);
            found[i] = PayerView({
                escrow: account.escrow,
                protocolFees: account.protocolFees,
                pool: account.pool,
                nextNonce: account.nextNonce,
                exitTime: ledger.exitTime(who[i]),
                parked: ledger.parked(who[i])
            });
        }
    }

    /// @inheritdoc IRoyaltyLens
    function nodes(address[] calldata who) external view returns (NodeView[] memory found) {
        found = new NodeView[](who.length);
        for (uint256 i = 0; i < who.length; i++) {
            found[i] = NodeView({
                allowed: ledger.isNodeAllowed(who[i]),
                balance: ledger.nodeBalance(who[i]),
                disputable: ledger.nodeDisputable(who[i]),
                spent: ledger.nodeSpent(who[i]),
                parked: ledger.parked(who[i])
            });
        }
    }

    /// @inheritdoc IRoyaltyLens
    function sets(bytes32[] calldata ids) external view returns (SetSummary[] memory found) {
        bool stopped = ledger.paused();
        found = new SetSummary[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            SetView memory terms = ledger.sets(ids[i]);
            found[i] = SetSummary(terms, terms.active && !stopped && block.timestamp < terms.until);
        }
    }

    /// @inheritdoc IRoyaltyLens
    function quote(bytes32 set, uint256 price, uint256 nodeFee) external view returns (Quote memory) {
        return _quote(set, price, nodeFee);
    }

    /// @inheritdoc IRoyaltyLens
    function divide(bytes32 set, uint256 price, uint256 nodeFee, bytes calldata entries)
        external
        view
        returns (uint256[] memory ids, uint256[] memory amounts)
    {
        uint256 length = entries.length;
        require(length % Entries.SIZE == 0, IRoyaltyLedger.Settlement_EntriesLength(length));
        SettlementErrors.checkShape(entries);

        return Entries.amounts(entries, _quote(set, price, nodeFee).royalty);
    }

    /// @inheritdoc IRoyaltyLens
    function floorOf(uint32[] calldata ids, uint256 tier) external view returns (uint256 perSecond) {
        require(tier < TIERS, RoyaltyLens_UnknownTier(tier, TIERS));

        for (uint256 i = 0; i < ids.length; i++) {
            uint256 floor = ledger.floors(ids[i])[tier];
            if (floor > perSecond) perSecond = floor;
        }
    }

    function _quote(bytes32 set, uint256 price, uint256 nodeFee) private view returns (Quote memory found) {
        SetView memory terms = ledger.sets(set);
        require(terms.until != 0, IOracleSet.OracleSet_Unknown(set));
        require(price <= MOST_PRICE, IRoyaltyLedger.Settlement_PriceTooLarge(price, MOST_PRICE));
        uint256 most = price * terms.nodeCapBps / WHOLE_BPS;
        require(nodeFee <= most, IRoyaltyLedger.Settlement_NodeFeeAboveCap(nodeFee, most));

        uint256 fee = price * terms.protocolBps / WHOLE_BPS;
        return Quote(price - nodeFee - fee, nodeFee, most, fee);
    }

    function _consenting(uint256 from, uint256 count, uint256 use, uint256 time)
        private
        view
        returns (uint32[] memory ids, uint32 next)
    {
        uint256 end = ledger.recordingCount() + 1;
        if (from == 0) from = 1;
        if (from + count < end) (end, next) = (from + count, uint32(from + count));

        uint256 number;
        uint32[] memory found = new uint32[](from < end ? end - from : 0);
        for (uint256 id = from; id < end; id++) {
            bool stands = History.stands(History.at(ledger, uint32(id), time), use, time);
            if (stands) found[number++] = uint32(id);
        }

        ids = new uint32[](number);
        for (uint256 i = 0; i < number; i++) {
            ids[i] = found[i];
        }
    }
}
