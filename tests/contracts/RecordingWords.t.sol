// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RecordingWord, RecordingWords} from "../../contracts/libraries/RecordingWords.sol";
import {Refusals} from "../../contracts/libraries/Refusals.sol";
import {State} from "../../contracts/libraries/State.sol";
import {vm} from "./support/Vm.sol";

/// @notice A recording's consent beside its money, and who asks for it.
contract RecordingWordsTest {
    State private state;

    function test_ANewWordStandsInItsEpoch() public pure {
        RecordingWord word = RecordingWords.pack(1, 2, 3, 4).inEpoch(7);
        vm.assertEq(word.epoch(), 7, "epoch");
        vm.assertEq(word.consentFrom(), 1, "from");
        vm.assertEq(word.consentUntil(), 2, "until");
    }

    function testFuzz_AnotherConsentKeepsTheMoney(uint256 word, uint256 given) public pure {
        uint256 made = RecordingWord.unwrap(RecordingWord.wrap(word).withConsent(RecordingWord.wrap(given)));
        vm.assertEq(uint256(uint168(made)), uint168(word), "money");
        vm.assertEq(made >> 168, given >> 168, "consent");
    }

    /// @dev The second entry stays in memory, behind the end of what is given.
    function test_NoConsentIsAskedOfWhatLiesBehindTheEntries() public {
        state.recordings[1] = RecordingWords.pack(0, type(uint32).max, 15, 10_000);
        bytes memory entries = abi.encodePacked(uint32(1), uint32(6e5), uint32(2), uint32(4e5));
        vm.assertTrue(Refusals.consentReason(state, entries, 1, 1) != 0, "the second has none");
        assembly ("memory-safe") {
            mstore(entries, 8)
        }
        vm.assertEq(bytes32(Refusals.consentReason(state, entries, 1, 1)), 0, "asked");
    }
}
