// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch, IBatches} from "../interfaces/IBatches.sol";
import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {Settlement} from "../ledger/Settlement.sol";
import {AccountWord} from "../libraries/AccountWords.sol";
import {Buckets} from "../libraries/Buckets.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {PackedLines} from "../libraries/PackedLines.sol";

/// @title BatchTables
/// @notice The accounts, nodes and recordings of a batch: read once, changed in memory, written once.
abstract contract BatchTables is Settlement {
    // An account listed twice could spend its escrow twice.
    function _openAccounts(address[] calldata payers) internal view returns (uint256[] memory accounts) {
        accounts = new uint256[](2 * payers.length);
        address previous = address(0);
        for (uint256 i = 0; i < payers.length; i++) {
            require(payers[i] > previous, IBatches.Batch_PayersNotAscending(previous, payers[i]));
            previous = payers[i];
            accounts[2 * i] = uint160(previous);
            accounts[2 * i + 1] = AccountWord.unwrap(_state.accounts[previous]);
        }
    }

    // A node listed twice could exceed its cap.
    function _openRooms(address[] calldata nodes, uint256 cap) internal view returns (uint256[] memory rooms) {
        rooms = new uint256[](3 * nodes.length);
        uint256 epoch = _epoch();
        address previous = address(0);
        for (uint256 i = 0; i < nodes.length; i++) {
            require(nodes[i] > previous, IBatches.Batch_NodesNotAscending(previous, nodes[i]));
            previous = nodes[i];
            rooms[3 * i] = uint160(previous);
            (rooms[3 * i + 1], rooms[3 * i + 2]) = _room(_state.nodes[previous], cap, epoch);
        }
    }

    function _room(NodeWord word, uint256 cap, uint256 epoch) internal pure returns (uint256 prices, uint256 fees) {
        uint256 spent = word.spent(epoch);
        (uint256 matured,, uint256 cur) = Buckets.read(NodeWord.unwrap(word), epoch);
        if (word.isAllowed() && spent <= cap) prices = cap - spent + 1;
        if (matured <= Buckets.MOST_MATURED) fees = Buckets.MOST_HELD - cur + 1;
    }

    function _openLines(Batch calldata batch) internal view returns (uint256[] memory lines) {
        bytes calldata ids = batch.recordings;
        require(ids.length % 4 == 0, IBatches.Batch_RecordingsLength(ids.length));

        bool ascending;
        (lines, ascending) = PackedLines.open(_state.recordings, ids, batch.from, block.timestamp, batch.uses);
        require(ascending, IBatches.Batch_RecordingsNotAscending());
    }

    // An overflowing field changes the epoch. Lines and words are already replaced by recordings and amounts here.
    function _refuseFull(uint256[] memory ids, uint256 epoch) internal view {
        uint256[] memory amounts = PackedLines.wordsOf(ids);
        for (uint256 i = 0; i < ids.length; i++) {
            bool kept = ids[i] == 0 || amounts[i] == 0 || _state.recordings[ids[i]].epoch() == epoch;
            require(kept, IRoyaltyLedger.Settlement_RecordingFull(ids[i]));
        }
    }

    function _closeAccounts(uint256[] memory accounts) internal {
        for (uint256 i = 0; i < accounts.length; i += 2) {
            _state.accounts[address(uint160(accounts[i]))] = AccountWord.wrap(accounts[i + 1]);
        }
    }

    function _closeNodes(uint256[] memory rooms, uint256 cap, uint256 epoch) internal {
        for (uint256 i = 0; i < rooms.length; i += 3) {
            _closeNode(address(uint160(rooms[i])), rooms[i + 1], rooms[i + 2], cap, epoch);
        }
    }

    function _closeNode(address node, uint256 prices, uint256 fees, uint256 cap, uint256 epoch) internal {
        NodeWord word = _state.nodes[node];
        (uint256 before, uint256 feesBefore) = _room(word, cap, epoch);
        (uint256 spent, uint256 earned) = (before - prices, feesBefore - fees);
        if (spent == 0 && earned == 0) return;

        (_state.nodes[node],) = word.settle(earned, spent, epoch);
    }
}
