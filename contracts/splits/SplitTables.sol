// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Form, IRightsSplits, Kind, Recoupment, Row, Shape} from "../interfaces/IRightsSplits.sol";
import {RowWord, RowWords} from "../libraries/RowWords.sol";
import {SplitStore} from "./SplitStore.sol";

/// @title SplitTables
/// @notice Creates splits and reads their content. See IRightsSplits.
abstract contract SplitTables is SplitStore {
    using RowWords for RowWord[];

    uint256 internal constant MILLION = 1_000_000;

    /// @inheritdoc IRightsSplits
    function create(address[] calldata payees, uint32[] calldata shares) external returns (uint32 split) {
        require(payees.length == shares.length, RightsSplits_LengthsDiffer(payees.length, shares.length));

        RowWord[] memory words = new RowWord[](payees.length);
        for (uint256 i = 0; i < words.length; i++) {
            words[i] = RowWords.pack(Kind.HOLDER, payees[i], shares[i]);
        }

        return _createTable(words);
    }

    /// @inheritdoc IRightsSplits
    function createTable(Row[] calldata given) external returns (uint32 split) {
        RowWord[] memory words = new RowWord[](given.length);
        for (uint256 i = 0; i < words.length; i++) {
            Row calldata row = given[i];
            bool isTable = row.kind == Kind.TABLE;
            require(isTable ? row.payee == address(0) : row.table == 0, RightsSplits_Ambiguous(i));
            words[i] =
                isTable ? RowWords.packTable(row.table, row.share) : RowWords.pack(row.kind, row.payee, row.share);
        }

        return _createTable(words);
    }

    /// @inheritdoc IRightsSplits
    function createPies(uint32 master, uint32 publishing, uint32 masterShare) external returns (uint32 split) {
        require(masterShare != 0 && masterShare < MILLION, RightsSplits_MasterShare(masterShare));

        RowWord[] memory words = new RowWord[](2);
        words[0] = RowWords.packTable(master, masterShare);
        words[1] = RowWords.packTable(publishing, uint32(MILLION) - masterShare);

        bool isNew;
        (split, isNew) = _store(_measure(Form.MASTER_PUBLISHING, words), _pack(Form.MASTER_PUBLISHING, words));
        if (isNew) emit PiesCreated(split, master, publishing, masterShare);
    }

    /// @inheritdoc IRightsSplits
    function createRecoupment(uint32 through, address recipient, uint128 amount, bytes32 deal)
        external
        returns (uint32 split)
    {
        require(recipient != address(0), RightsSplits_NoPayee(0));
        require(amount != 0, RightsSplits_NoAmount());

        Shape memory sizes = _inner(through);
        sizes = Shape(Form.RECOUPMENT, sizes.depth + 1, sizes.rows + 1, sizes.deals + 1);

        bool isNew;
        (split, isNew) = _store(sizes, _pack(Recoupment(through, recipient, amount, deal)));
        if (isNew) emit RecoupmentCreated(split, through, recipient, amount, deal);
    }

    /// @inheritdoc IRightsSplits
    function table(uint32 split) external view returns (address[] memory payees, uint32[] memory shares) {
        RowWord[] memory words = _rows(_codeOf(split, Form.TABLE));
        require(words.isPlain(), RightsSplits_NotPlain(split));

        return (words.payees(), words.shares());
    }

    /// @inheritdoc IRightsSplits
    function rows(uint32 split) external view returns (Row[] memory found) {
        RowWord[] memory words = _rows(_codeOf(split, Form.TABLE));
        found = new Row[](words.length);
        for (uint256 i = 0; i < words.length; i++) {
            found[i] = Row(words[i].kind(), words[i].payee(), words[i].table(), words[i].share());
        }
    }

    /// @inheritdoc IRightsSplits
    function pies(uint32 split) external view returns (uint32 master, uint32 publishing, uint32 masterShare) {
        RowWord[] memory words = _rows(_codeOf(split, Form.MASTER_PUBLISHING));
        return (words[0].table(), words[1].table(), words[0].share());
    }

    /// @inheritdoc IRightsSplits
    function recoupment(uint32 split) external view returns (Recoupment memory) {
        return _recoupment(_codeOf(split, Form.RECOUPMENT));
    }

    function _createTable(RowWord[] memory words) private returns (uint32 split) {
        require(words.length != 0 && words.length <= MOST_ROWS, RightsSplits_PayeeCount(words.length, MOST_ROWS));
        _checkTargets(words);
        _checkShares(words);

        bool isNew;
        (split, isNew) = _store(_measure(Form.TABLE, words), _pack(Form.TABLE, words));
        if (!isNew) return split;

        if (words.isPlain()) emit SplitCreated(split, words.payees(), words.shares());
        else emit TableCreated(split, words.kinds(), words.payees(), words.tables(), words.shares());
    }

    // Quadratic on purpose: a table is written once and has at most MOST_ROWS rows.
    function _checkTargets(RowWord[] memory words) private pure {
        for (uint256 i = 0; i < words.length; i++) {
            RowWord word = words[i];
            require(word.isTable() || word.payee() != address(0), RightsSplits_NoPayee(i));
            for (uint256 j = 0; j < i; j++) {
                if (!word.sameTarget(words[j])) continue;
                require(word.isTable(), RightsSplits_RepeatedPayee(word.payee()));
                revert RightsSplits_RepeatedTable(word.table());
            }
        }
    }

    function _checkShares(RowWord[] memory words) private pure {
        uint256 total;
        for (uint256 i = 0; i < words.length; i++) {
            require(words[i].share() != 0, RightsSplits_NoShare(i));
            total += words[i].share();
        }
        require(total == MILLION, RightsSplits_SharesDoNotSum(total));
    }

    function _measure(Form form, RowWord[] memory words) private view returns (Shape memory sizes) {
        sizes = Shape(form, 1, 0, 0);
        for (uint256 i = 0; i < words.length; i++) {
            if (!words[i].isTable()) {
                sizes.rows++;
                continue;
            }
            Shape memory inner = _inner(words[i].table());
            if (inner.depth >= sizes.depth) sizes.depth = inner.depth + 1;
            sizes.rows += inner.rows;
            sizes.deals += inner.deals;
        }
    }

    function _inner(uint32 split) private view returns (Shape memory sizes) {
        sizes = shape(split);
        require(sizes.form != Form.MASTER_PUBLISHING, RightsSplits_PiesInside(split));
    }

    function _codeOf(uint32 split, Form form) private view returns (bytes memory) {
        Form found = shape(split).form;
        require(found == form, RightsSplits_OtherForm(split, found));

        return _code(split);
    }
}
