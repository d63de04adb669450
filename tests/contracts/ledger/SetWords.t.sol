// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SetWord, SetWords} from "../../../contracts/libraries/SetWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice Fields and states of a set's word. See Words.tree.
contract SetWordsTest {
    function testFuzz_EachFieldHasItsPlace(uint16 fee, uint16 capBps, uint40 end, uint40 start, uint64 most)
        public
        pure
    {
        SetWord word = SetWords.pack(fee, capBps, end, start, most);
        uint256 fees = uint256(fee) << 8 | uint256(capBps) << 24;
        uint256 expected = 1 | fees | uint256(end) << 40 | uint256(start) << 80 | uint256(most) << 120;
        vm.assertEq(SetWord.unwrap(word), expected, "word");
        vm.assertEq(SetWord.unwrap(word.withUse(true)), expected | 1 << 184, "used");
        vm.assertEq(SetWord.unwrap(word.withUse(false)), expected, "not used");
        vm.assertEq(SetWord.unwrap(word.withState(255)), expected | 255, "state");
    }

    function testFuzz_OnlyTwoStatesSettle(uint8 state) public pure {
        SetWord word = SetWords.pack(1, 2, 3, 4, 5).withState(state);
        vm.assertEq(word.state(), state, "state");
        vm.assertTrue(word.isActive() == (state == 2 || state == 3), "active");
    }
}
