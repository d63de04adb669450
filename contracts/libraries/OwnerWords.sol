// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What of a recording is read at payout and on a change of consent only. From the lowest bit:
/// `owner 160 | split 32 | claimed 56 | version 8`. `claimed` is room for totals paid by epoch, `version` for consents
/// given anew; both are zero for now.
type OwnerWord is uint256;

using OwnerWords for OwnerWord global;

/// @title OwnerWords
library OwnerWords {
    uint256 private constant SPLIT = 160;

    function pack(address holder, uint32 table) internal pure returns (OwnerWord) {
        return OwnerWord.wrap(uint256(uint160(holder)) | uint256(table) << SPLIT);
    }

    function owner(OwnerWord word) internal pure returns (address) {
        return address(uint160(OwnerWord.unwrap(word)));
    }

    function split(OwnerWord word) internal pure returns (uint32) {
        return uint32(OwnerWord.unwrap(word) >> SPLIT);
    }
}
