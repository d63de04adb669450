// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Kind} from "../interfaces/IRightsSplits.sol";

/// @notice One row of a table. From the lowest bit: `payee 160 | share 32 | kind 8`. For a row that names a split, the
/// payee field holds the split's id.
type RowWord is uint256;

using RowWords for RowWord global;

/// @title RowWords
library RowWords {
    /// @dev Bytes of a stored row.
    uint256 internal constant SIZE = 25;

    uint256 private constant SHARE = 160;
    uint256 private constant KIND = 192;
    uint256 private constant UNUSED = 56;

    function pack(Kind what, address to, uint32 part) internal pure returns (RowWord) {
        return RowWord.wrap(uint256(uint160(to)) | uint256(part) << SHARE | uint256(what) << KIND);
    }

    function packTable(uint32 id, uint32 part) internal pure returns (RowWord) {
        return pack(Kind.TABLE, address(uint160(id)), part);
    }

    /// @dev The row at the start of the stored bytes.
    function fromBytes(bytes32 kept) internal pure returns (RowWord) {
        return RowWord.wrap(uint256(kept) >> UNUSED);
    }

    function toBytes(RowWord row) internal pure returns (bytes25) {
        return bytes25(uint200(RowWord.unwrap(row)));
    }

    function kind(RowWord row) internal pure returns (Kind) {
        return Kind(RowWord.unwrap(row) >> KIND);
    }

    function isTable(RowWord row) internal pure returns (bool) {
        return row.kind() == Kind.TABLE;
    }

    /// @dev Zero if the row names a table.
    function payee(RowWord row) internal pure returns (address) {
        return row.isTable() ? address(0) : address(uint160(RowWord.unwrap(row)));
    }

    /// @dev Zero if the row names a payee.
    function table(RowWord row) internal pure returns (uint32) {
        return row.isTable() ? uint32(RowWord.unwrap(row)) : 0;
    }

    /// @dev In millionths.
    function share(RowWord row) internal pure returns (uint32) {
        return uint32(RowWord.unwrap(row) >> SHARE);
    }

    /// @dev Whether two rows name the same payee, known or not, or the same table.
    function sameTarget(RowWord row, RowWord other) internal pure returns (bool) {
        bool sameNumber = uint160(RowWord.unwrap(row)) == uint160(RowWord.unwrap(other));
        return sameNumber && row.isTable() == other.isTable();
    }

    /// @dev Whether all rows name known payees.
    function isPlain(RowWord[] memory rows) internal pure returns (bool) {
        for (uint256 i = 0; i < rows.length; i++) {
            if (rows[i].kind() != Kind.HOLDER) return false;
        }
        return true;
    }

    function kinds(RowWord[] memory rows) internal pure returns (Kind[] memory column) {
        column = new Kind[](rows.length);
        for (uint256 i = 0; i < rows.length; i++) {
            column[i] = rows[i].kind();
        }
    }

    function payees(RowWord[] memory rows) internal pure returns (address[] memory column) {
        column = new address[](rows.length);
        for (uint256 i = 0; i < rows.length; i++) {
            column[i] = rows[i].payee();
        }
    }

    function tables(RowWord[] memory rows) internal pure returns (uint32[] memory column) {
        column = new uint32[](rows.length);
        for (uint256 i = 0; i < rows.length; i++) {
            column[i] = rows[i].table();
        }
    }

    function shares(RowWord[] memory rows) internal pure returns (uint32[] memory column) {
        column = new uint32[](rows.length);
        for (uint256 i = 0; i < rows.length; i++) {
            column[i] = rows[i].share();
        }
    }
}
