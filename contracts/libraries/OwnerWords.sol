// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The part of a recording that is read only at a payout and at a change of consent. From the lowest bit:
/// `owner 160 | split 32 | claimed 56 | version 8`. `claimed` is reserved for totals paid by epoch and is zero.
/// `version` counts the replaced consents, modulo 256.
type OwnerWord is uint256;

using OwnerWords for OwnerWord global;

/// @title OwnerWords
library OwnerWords {
    uint256 private constant SPLIT = 160;
    uint256 private constant VERSION = 248;

    function pack(address holder, uint32 table) internal pure returns (OwnerWord) {
        return OwnerWord.wrap(uint256(uint160(holder)) | uint256(table) << SPLIT);
    }

    function owner(OwnerWord word) internal pure returns (address) {
        return address(uint160(OwnerWord.unwrap(word)));
    }

    function split(OwnerWord word) internal pure returns (uint32) {
        return uint32(OwnerWord.unwrap(word) >> SPLIT);
    }

    function version(OwnerWord word) internal pure returns (uint256) {
        return OwnerWord.unwrap(word) >> VERSION;
    }

    /// @dev The version that was closed last; 255 if none was, and then nothing is stored under it.
    function lastVersion(OwnerWord word) internal pure returns (uint8) {
        unchecked {
            return uint8(version(word) + type(uint8).max);
        }
    }

    /// @dev The word with another owner and table; the other fields are unchanged.
    function withHolder(OwnerWord word, address holder, uint32 table) internal pure returns (OwnerWord) {
        uint256 mask = (1 << (SPLIT + 32)) - 1;
        return OwnerWord.wrap(OwnerWord.unwrap(word) & ~mask | OwnerWord.unwrap(pack(holder, table)));
    }

    /// @dev The word with the next version; 255 is followed by 0.
    function withNextVersion(OwnerWord word) internal pure returns (OwnerWord) {
        unchecked {
            return OwnerWord.wrap(OwnerWord.unwrap(word) + (1 << VERSION));
        }
    }
}
