// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Setup} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {Disputed} from "../support/Disputed.sol";
import {ITestLedger} from "../support/ITestLedger.sol";
import {vm} from "../support/Vm.sol";

/// @notice Registrations, the first set and receivers must not affect their neighbours. See Catalogue.tree, OracleSet.tree and
/// Sweep.tree.
contract OversightLimitsTest is Disputed {
    function test_ABatchGivesItsTermsToItsOwnRecordingsAlone() public {
        Terms memory terms = _terms();
        terms.uses = 3;
        bytes32[] memory hashes = new bytes32[](3);
        (hashes[0], hashes[1], hashes[2]) = (keccak256("a"), keccak256("b"), keccak256("c"));
        vm.prank(owner);
        uint32 first = ledger.registerBatch(terms, hashes, hashes, "");
        for (uint32 id = first; id < first + 3; id++) {
            vm.assertEq(ledger.recordings(id).uses, 3, "uses");
            vm.assertEq(ledger.recordings(id).consentUntil, terms.consentUntil, "until");
        }
        vm.assertEq(ledger.recordings(one).uses, 15, "one");
        vm.assertEq(ledger.recordings(two).uses, 15, "two");
    }

    function test_TheFirstSetEmitsTheSameEvent() public {
        Setup memory setup = _setup();
        ITestLedger fresh = _deployLedger(setup, _deployModules(setup));
        vm.expectEmit(address(fresh));
        emit IOracleSet.SetActivated(set, 2, signers, _setTerms());
        vm.prank(admin);
        vm.assertEq(fresh.installFirstSet(2, signers, _setTerms()), set, "set");
    }

    function test_ThePoolsReceiverTakesNothingFromTheFirstRecording() public {
        vm.prank(owner);
        ledger.amend(one, 0, type(uint32).max, 15, 10_000);
        vm.assertEq(ledger.recordings(one).version, 1, "amended");
        vm.prank(admin);
        ledger.setReceivers(protocol, poolReceiver);
        vm.assertEq(ledger.recordings(0).version, 0, "pool");
        vm.assertEq(ledger.poolReceiver(), poolReceiver, "receiver");
    }
}
