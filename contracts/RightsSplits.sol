// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Form, IRightsSplits, Kind, Recoupment, Shape} from "./interfaces/IRightsSplits.sol";
import {RowWord} from "./libraries/RowWords.sol";
import {Claims} from "./splits/Claims.sol";
import {SplitTables} from "./splits/SplitTables.sol";

/// @title RightsSplits
/// @notice Divides money by splits. See IRightsSplits.
contract RightsSplits is SplitTables, Claims {
    // One recoupment that a walk reaches: the amount recouped before, and what the walk adds.
    struct Passage {
        uint32 split;
        uint256 amount;
        uint256 before;
        uint256 taken;
    }

    // The results of a walk through a split so far.
    struct Walk {
        address ledger;
        uint256 rows;
        address[] payees;
        uint256[] amounts;
        bool[] pending;
        uint256 deals;
        Passage[] passages;
    }

    /// @inheritdoc IRightsSplits
    mapping(address ledger => mapping(uint32 split => uint256 amount)) public recouped;

    /// @inheritdoc IRightsSplits
    function divide(uint32 split, uint256 amount)
        external
        returns (address[] memory payees, uint256[] memory amounts, bool[] memory pending)
    {
        Walk memory walk = _divide(msg.sender, split, amount);

        for (uint256 i = 0; i < walk.deals; i++) {
            Passage memory passage = walk.passages[i];
            if (passage.taken != 0) _recoup(passage);
        }

        return (walk.payees, walk.amounts, walk.pending);
    }

    /// @inheritdoc IRightsSplits
    function preview(address ledger, uint32 split, uint256 amount)
        external
        view
        returns (address[] memory payees, uint256[] memory amounts, bool[] memory pending)
    {
        Walk memory walk = _divide(ledger, split, amount);

        return (walk.payees, walk.amounts, walk.pending);
    }

    function _recoup(Passage memory passage) private {
        uint256 total = passage.before + passage.taken;
        recouped[msg.sender][passage.split] = total;

        emit Recouped(msg.sender, passage.split, passage.taken, total);
        if (total == passage.amount) emit RecoupmentDone(msg.sender, passage.split);
    }

    function _divide(address ledger, uint32 split, uint256 amount) private view returns (Walk memory walk) {
        Shape memory sizes = shape(split);
        walk.ledger = ledger;
        walk.payees = new address[](sizes.rows);
        walk.amounts = new uint256[](sizes.rows);
        walk.pending = new bool[](sizes.rows);
        walk.passages = new Passage[](sizes.deals);
        _walk(walk, split, amount);
    }

    // Recursive on purpose: never deeper than MOST_DEPTH plus a split into master and publishing.
    function _walk(Walk memory walk, uint32 split, uint256 amount) private view {
        bytes memory code = _code(split);
        if (_form(code) == Form.RECOUPMENT) {
            Recoupment memory deal = _recoupment(code);
            uint256 taken = _pass(walk, split, deal.amount, amount);
            _fill(walk, deal.recipient, taken, false);
            _walk(walk, deal.table, amount - taken);
        } else {
            _walkRows(walk, _rows(code), amount);
        }
    }

    function _walkRows(Walk memory walk, RowWord[] memory words, uint256 amount) private view {
        uint256 paid;
        uint256 upTo;
        for (uint256 i = 0; i < words.length; i++) {
            RowWord word = words[i];
            upTo += word.share();
            uint256 part = amount * upTo / MILLION - paid;
            paid += part;

            Kind kind = word.kind();
            if (kind == Kind.HOLDER) _fill(walk, word.payee(), part, false);
            else if (kind == Kind.TABLE) _walk(walk, word.table(), part);
            else _fillPending(walk, word.payee(), part);
        }
    }

    // A split may reach one recoupment several times: what this walk has already taken counts.
    function _pass(Walk memory walk, uint32 split, uint256 most, uint256 amount) private view returns (uint256 taken) {
        uint256 i;
        while (i < walk.deals && walk.passages[i].split != split) i++;
        if (i == walk.deals) {
            walk.passages[walk.deals++] = Passage(split, most, recouped[walk.ledger][split], 0);
        }

        Passage memory passage = walk.passages[i];
        uint256 left = most - passage.before - passage.taken;
        taken = amount < left ? amount : left;
        passage.taken += taken;
    }

    function _fillPending(Walk memory walk, address holder, uint256 amount) private view {
        address to = claimedBy[holder];
        if (to == address(0)) _fill(walk, holder, amount, true);
        else _fill(walk, to, amount, false);
    }

    function _fill(Walk memory walk, address payee, uint256 amount, bool pending) private pure {
        uint256 row = walk.rows++;
        walk.payees[row] = payee;
        walk.amounts[row] = amount;
        walk.pending[row] = pending;
    }
}
