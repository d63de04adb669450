// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRightsSplits, Kind, Recoupment, Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {SplitsPlain} from "../support/SplitsPlain.sol";
import {vm} from "../support/Vm.sol";

/// @notice Compares random splits of every form with the plain reference. See RightsSplitsFuzz.tree.
contract RightsSplitsFuzzTest is SplitsBase {
    uint256 private constant STEPS = 12;
    uint256 private constant KEYS = 4;

    SplitsPlain internal plain;
    uint32[] internal ids;
    uint256 internal dice;

    function setUp() public override {
        super.setUp();
        plain = new SplitsPlain();
    }

    function testFuzz_DividesAsTheReferenceDoes(uint256 seed) public {
        dice = seed;
        for (uint256 i = 0; i < STEPS; i++) {
            if (ids.length != 0 && _roll(4) == 0) _makeRecoupment();
            else _makeTable();
        }
        uint32 top = _makePies();
        for (uint256 i = 0; i < STEPS; i++) {
            _compare(top);
            _compare(ids[_roll(ids.length)]);
            if (_roll(3) == 0) _claimSome();
        }
    }

    function _roll(uint256 sides) private returns (uint256) {
        dice = uint256(keccak256(abi.encode(dice)));
        return dice % sides;
    }

    function _makeTable() private {
        Row[] memory rows = new Row[](1 + _roll(6));
        uint256 left = 1e6;
        for (uint256 i = 0; i < rows.length; i++) {
            rows[i] = _row(i);
            uint256 share = i + 1 == rows.length ? left : 1 + _roll(left - (rows.length - i - 1));
            rows[i].share = uint32(share);
            left -= share;
        }
        (uint256 depth, uint256 size) = (plain.depthOf(rows), plain.sizeOf(rows));
        if (depth > 3) {
            _refuse(rows, abi.encodeWithSelector(IRightsSplits.RightsSplits_TooDeep.selector, depth, 3));
        } else if (size > 100) {
            _refuse(rows, abi.encodeWithSelector(IRightsSplits.RightsSplits_TooManyRows.selector, size, 100));
        } else {
            uint32 id = splits.createTable(rows);
            plain.putTable(id, rows);
            _add(id);
        }
    }

    // Each row takes its targets from its own range, so that a table names none twice.
    function _row(uint256 i) private returns (Row memory) {
        uint256 choice = _roll(4);
        if (choice == 0 && i < KEYS) return _pending(vm.addr(1_000 + i), 0);
        if (choice != 1 && i < ids.length) return _inner(ids[ids.length - 1 - i], 0);
        return _holder(address(uint160(0xA000 + i)), 0);
    }

    function _makeRecoupment() private {
        Recoupment memory deal =
            Recoupment(ids[_roll(ids.length)], LABEL, uint128(1 + _roll(2 ** _roll(64))), bytes32(_roll(2)));
        uint256 depth = plain.depth(deal.table) + 1;
        if (depth > 3) vm.expectRevert(abi.encodeWithSelector(IRightsSplits.RightsSplits_TooDeep.selector, depth, 3));
        uint32 id = splits.createRecoupment(deal.table, deal.recipient, deal.amount, deal.deal);
        if (depth > 3) return;
        plain.putRecoupment(id, deal);
        _add(id);
    }

    // For the reference, a split into master and publishing is an ordinary table.
    function _makePies() private returns (uint32 id) {
        (uint32 master, uint32 publishing) = (ids[_roll(ids.length)], ids[_roll(ids.length)]);
        uint32 share = uint32(1 + _roll(999_999));
        Row[] memory rows = _two(_inner(master, share), _inner(publishing, 1e6 - share));
        if (plain.sizeOf(rows) > 100) return ids[0];
        id = splits.createPies(master, publishing, share);
        plain.putTable(id, rows);
    }

    function _add(uint32 id) private {
        if (id > ids.length) ids.push(id);
        vm.assertEq(splits.shape(id).depth, plain.depth(id), "depth");
        vm.assertEq(splits.shape(id).rows, plain.size(id), "rows");
    }

    function _claimSome() private {
        uint256 key = 1_000 + _roll(KEYS);
        if (splits.claimedBy(vm.addr(key)) != address(0)) return;
        _claim(key, address(uint160(0xC000 + key)));
        plain.claim(vm.addr(key), address(uint160(0xC000 + key)));
    }

    function _compare(uint32 split) private {
        address ledger = address(uint160(1 + _roll(2)));
        uint256 amount = _roll(2 ** _roll(65));
        (address[] memory payees, uint256[] memory amounts, bool[] memory pending) = plain.divide(ledger, split, amount);
        bytes memory expected = abi.encode(payees, amounts, pending);
        _checkSum(amounts, amount);

        (payees, amounts, pending) = splits.preview(ledger, split, amount);
        vm.assertEq(abi.encode(payees, amounts, pending), expected, "preview");
        vm.prank(ledger);
        (payees, amounts, pending) = splits.divide(split, amount);
        vm.assertEq(abi.encode(payees, amounts, pending), expected, "divide");

        for (uint256 i = 0; i < ids.length; i++) {
            vm.assertEq(splits.recouped(ledger, ids[i]), plain.recouped(ledger, ids[i]), "recouped");
        }
    }

    function _checkSum(uint256[] memory amounts, uint256 amount) private pure {
        uint256 sum;
        for (uint256 i = 0; i < amounts.length; i++) {
            sum += amounts[i];
        }
        vm.assertEq(sum, amount, "sum");
    }
}
