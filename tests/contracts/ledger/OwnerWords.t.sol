// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OwnerWord, OwnerWords} from "../../../contracts/libraries/OwnerWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice Owner words after a change of owner, bit by bit. See Words.tree.
contract OwnerWordsTest {
    function test_NoBitOfTheOldHolderStays() public pure {
        OwnerWord word = OwnerWords.pack(address(type(uint160).max), type(uint32).max).withNextVersion();
        OwnerWord next = word.withHolder(address(0), 0);
        vm.assertEq(OwnerWord.unwrap(next), 1 << 248, "word");
    }

    function testFuzz_AnotherHolderChangesNothingElse(uint256 word, address holder, uint32 table) public pure {
        OwnerWord next = OwnerWord.wrap(word).withHolder(holder, table);
        vm.assertEq(next.owner(), holder, "owner");
        vm.assertEq(uint256(next.split()), table, "table");
        vm.assertEq(OwnerWord.unwrap(next) >> 192, word >> 192, "rest");
    }
}
