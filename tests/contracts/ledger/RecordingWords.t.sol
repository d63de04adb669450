// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {State} from "../../../contracts/ledger/State.sol";
import {RecordingWord, RecordingWords} from "../../../contracts/libraries/RecordingWords.sol";
import {SettlementErrors} from "../../../contracts/libraries/SettlementErrors.sol";
import {vm} from "../support/Vm.sol";

/// @notice Consent and money in one recording word. See Words.tree.
contract RecordingWordsTest {
    State private state;

    function test_ANewWordIsInItsEpoch() public pure {
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

    /// @dev The second entry stays in memory after the end of the given bytes.
    function test_NoConsentIsReadAfterTheEndOfTheEntries() public {
        state.recordings[1] = RecordingWords.pack(0, type(uint32).max, 15, 10_000);
        bytes memory entries = abi.encodePacked(uint32(1), uint32(6e5), uint32(2), uint32(4e5));
        vm.assertTrue(SettlementErrors.consentReason(state, entries, 1, 1) != 0, "the second has none");
        assembly ("memory-safe") {
            mstore(entries, 8)
        }
        vm.assertEq(bytes32(SettlementErrors.consentReason(state, entries, 1, 1)), 0, "asked");
    }
}
