// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Kind} from "../../../contracts/interfaces/IRightsSplits.sol";
import {RowWord, RowWords} from "../../../contracts/libraries/RowWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice Fields of a row's word, and rows from columns. See RightsSplits.tree.
contract RowWordsTest {
    using RowWords for RowWord[];

    function testFuzz_EachFieldHasItsPlace(address to, uint32 part) public pure {
        uint256 row = RowWord.unwrap(RowWords.pack(Kind.TABLE, to, part));
        vm.assertEq(row, uint256(uint160(to)) | uint256(part) << 160 | uint256(Kind.TABLE) << 192, "row");
    }

    function test_ATableAnywhereIsNotPlain() public pure {
        for (uint256 i = 0; i < 3; i++) {
            vm.assertTrue(!_rows(i).isPlain(), "plain");
        }
        vm.assertTrue(_rows(3).isPlain(), "not plain");
    }

    function test_EachColumnHasEveryRow() public pure {
        for (uint256 i = 0; i < 3; i++) {
            RowWord[] memory rows = _rows(i);
            for (uint256 j = 0; j < 3; j++) {
                vm.assertEq(uint256(rows.tables()[j]), i == j ? 9 : 0, "table");
                vm.assertEq(rows.payees()[j], i == j ? address(0) : address(7), "payee");
                vm.assertEq(uint256(rows.shares()[j]), 5, "share");
                vm.assertTrue(rows.kinds()[j] == (i == j ? Kind.TABLE : Kind.HOLDER), "kind");
            }
        }
    }

    /// @dev Three holders, with a table at one place.
    function _rows(uint256 place) private pure returns (RowWord[] memory rows) {
        rows = new RowWord[](3);
        for (uint256 i = 0; i < 3; i++) {
            rows[i] = i == place ? RowWords.packTable(9, 5) : RowWords.pack(Kind.HOLDER, address(7), 5);
        }
    }
}
