// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Kind, Recoupment, Row} from "../../../contracts/interfaces/IRightsSplits.sol";

/// @notice RightsSplits in plain storage; it divides by the rule that the interface states.
contract SplitsPlain {
    mapping(uint32 split => Row[] rows) private _tables;
    mapping(uint32 split => Recoupment deal) private _deals;

    mapping(address holder => address to) public claimedBy;
    mapping(address ledger => mapping(uint32 split => uint256 amount)) public recouped;

    address[] private _payees;
    uint256[] private _amounts;
    bool[] private _pending;

    function putTable(uint32 split, Row[] calldata rows) external {
        delete _tables[split];
        for (uint256 i = 0; i < rows.length; i++) {
            _tables[split].push(rows[i]);
        }
    }

    function putRecoupment(uint32 split, Recoupment calldata deal) external {
        _deals[split] = deal;
    }

    function claim(address holder, address to) external {
        claimedBy[holder] = to;
    }

    function isRecoupment(uint32 split) public view returns (bool) {
        return _deals[split].amount != 0;
    }

    function depth(uint32 split) external view returns (uint256) {
        return isRecoupment(split) ? 1 + this.depth(_deals[split].table) : this.depthOf(_tables[split]);
    }

    function size(uint32 split) external view returns (uint256) {
        return isRecoupment(split) ? 1 + this.size(_deals[split].table) : this.sizeOf(_tables[split]);
    }

    function depthOf(Row[] calldata rows) external view returns (uint256 deepest) {
        for (uint256 i = 0; i < rows.length; i++) {
            uint256 inside = rows[i].kind == Kind.TABLE ? this.depth(rows[i].table) : 0;
            if (inside > deepest) deepest = inside;
        }
        return 1 + deepest;
    }

    function sizeOf(Row[] calldata rows) external view returns (uint256 total) {
        for (uint256 i = 0; i < rows.length; i++) {
            total += rows[i].kind == Kind.TABLE ? this.size(rows[i].table) : 1;
        }
    }

    function divide(address ledger, uint32 split, uint256 amount)
        external
        returns (address[] memory, uint256[] memory, bool[] memory)
    {
        delete _payees;
        delete _amounts;
        delete _pending;
        _divide(ledger, split, amount);
        return (_payees, _amounts, _pending);
    }

    function _divide(address ledger, uint32 split, uint256 amount) private {
        if (isRecoupment(split)) {
            Recoupment storage deal = _deals[split];
            uint256 left = deal.amount - recouped[ledger][split];
            uint256 taken = amount < left ? amount : left;
            recouped[ledger][split] += taken;
            _push(deal.recipient, taken, false);
            return _divide(ledger, deal.table, amount - taken);
        }
        uint256 before;
        for (uint256 i = 0; i < _tables[split].length; i++) {
            Row storage row = _tables[split][i];
            uint256 upTo = before + row.share;
            uint256 part = amount * upTo / 1e6 - amount * before / 1e6;
            before = upTo;
            if (row.kind == Kind.TABLE) _divide(ledger, row.table, part);
            else _pushRow(row.payee, part, row.kind == Kind.PENDING);
        }
    }

    function _pushRow(address payee, uint256 amount, bool named) private {
        address to = named ? claimedBy[payee] : payee;
        _push(to == address(0) ? payee : to, amount, to == address(0));
    }

    function _push(address payee, uint256 amount, bool pending) private {
        _payees.push(payee);
        _amounts.push(amount);
        _pending.push(pending);
    }
}
