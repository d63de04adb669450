// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Case, IDisputeCourt} from "../../../contracts/interfaces/IDisputeCourt.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {Attestation, IRoyaltyLedger, Order, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice Challenges and rulings. See DisputeCourt.tree; DisputeCourtBonds.t.sol tests bonds and equivocation.
contract DisputeCourtTest is CourtFixture {
    function test_RefusedForASetThatWasNeverActive() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory receipt = _receipt(order, given);
        receipt.quorum.threshold = 1;
        bytes32 other = keccak256(abi.encode(uint256(1), signers));
        _refuseChallenge(receipt, abi.encodeWithSelector(IRoyaltyLedger.Receipt_SetNeverActive.selector, other));
    }

    function test_RefusedWithoutTheQuorumsSignatures() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory receipt = _receipt(order, given);
        receipt.quorum.signatures = _compact(oracleKeys[0], _attestationDigest(order, given));
        _refuseChallenge(receipt, abi.encodeWithSelector(IRoyaltyLedger.Settlement_TooFewSignatures.selector, 1, 2));

        receipt = _receipt(order, given);
        receipt.attestation.price++;
        vm.prank(challenger);
        vm.expectRevert();
        tribunal.challenge(receipt, GROUNDS);
    }

    function test_RefusedForAnotherBatch() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory receipt = _batched(order, given, keccak256("other"));
        receipt.batch[1] = keccak256("another");
        bytes32 key = _key(order, given);
        _refuseChallenge(receipt, abi.encodeWithSelector(IRoyaltyLedger.Receipt_NotInBatch.selector, key));

        receipt.batch[0] = key;
        vm.prank(challenger);
        vm.expectRevert();
        tribunal.challenge(receipt, GROUNDS);
    }

    function test_RefusedWithoutTheBond() public {
        (Order memory order, Attestation memory given) = _made(0);
        vm.prank(challenger);
        token.approve(address(tribunal), BOND - 1);
        Receipt memory receipt = _receipt(order, given);
        vm.prank(challenger);
        vm.expectRevert();
        tribunal.challenge(receipt, GROUNDS);
        vm.assertEq(ledger.frozen(_key(order, given)), 0, "frozen");
    }

    function test_RefusedWhenTheWindowIsOver() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory receipt = _receipt(order, given);
        uint256 end = given.generatedAt + WINDOW;
        vm.warp(end);
        _refuseChallenge(receipt, abi.encodeWithSelector(IDisputes.Disputes_WindowOver.selector, end, end));
    }

    function test_RefusedTheSecondTime() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory receipt = _receipt(order, given);
        _bring(receipt);
        bytes32 key = _key(order, given);
        bytes memory reason =
            abi.encodeWithSelector(IDisputeCourt.DisputeCourt_ChallengedBefore.selector, key, challenger);
        _refuseChallenge(receipt, reason);
        _refuseChallenge(_batched(order, given, keccak256("other")), reason);

        _rule(order, given, false);
        _refuseChallenge(receipt, reason);
    }

    function test_OpensACase() public {
        (Order memory order, Attestation memory given) = _made(0);
        uint256 before = token.balanceOf(challenger);
        bytes32 key = _key(order, given);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.Challenged(
            _orderHash(order), key, challenger, set, PRICE, BOND, _now() + RULING_TIME, GROUNDS
        );
        _challenge(order, given);

        Case memory found = tribunal.cases(key);
        vm.assertEq(found.challenger, challenger, "challenger");
        vm.assertEq(found.deadline, _now() + RULING_TIME, "deadline");
        vm.assertEq(found.bond, BOND, "bond");
        vm.assertTrue(found.open, "open");
        vm.assertEq(token.balanceOf(challenger), before - BOND, "paid");
        vm.assertEq(token.balanceOf(address(tribunal)), BOND, "held");
        vm.assertEq(ledger.frozen(key), PRICE, "frozen");
    }

    function test_ABatchIsProvenByItsList() public {
        (Order memory order, Attestation memory given) = _made(0);
        _bring(_batched(order, given, keccak256("other")));
        vm.assertEq(ledger.frozen(_key(order, given)), PRICE, "frozen");
    }

    function test_ARemovedSetIsStillAnswerable() public {
        (Order memory order, Attestation memory given) = _made(0);
        vm.prank(guardian);
        ledger.removeSet(set);
        _challenge(order, given);
        _rule(order, given, true);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW, "escrow");
    }

    function test_GroundsAreAddedToAnOpenCase() public {
        (Order memory order, Attestation memory given) = _made(0);
        bytes32 key = _key(order, given);
        bytes memory reason = abi.encodeWithSelector(IDisputeCourt.DisputeCourt_NotOpen.selector, key);
        vm.expectRevert(reason);
        tribunal.addGrounds(key, GROUNDS);

        _challenge(order, given);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.GroundsAdded(key, guardian, keccak256("better"));
        vm.prank(guardian);
        tribunal.addGrounds(key, keccak256("better"));

        _rule(order, given, true);
        vm.expectRevert(reason);
        tribunal.addGrounds(key, GROUNDS);
    }

    function test_OnlyAnArbiterRules() public {
        (Order memory order, Attestation memory given) = _made(0);
        _challenge(order, given);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, admin));
        tribunal.rule(order, given, set, true);
    }

    function test_RefusedWithoutAnOpenCase() public {
        (Order memory order, Attestation memory given) = _made(0);
        bytes memory reason = abi.encodeWithSelector(IDisputeCourt.DisputeCourt_NotOpen.selector, _key(order, given));
        _refuseRuling(order, given, reason);

        _challenge(order, given);
        _rule(order, given, true);
        _refuseRuling(order, given, reason);
        vm.warp(_now() + RULING_TIME);
        vm.expectRevert(reason);
        tribunal.expire(order, given, set);
    }

    function test_RulingEndsAndExpiryBeginsAtTheDeadline() public {
        (Order memory order, Attestation memory given) = _made(0);
        _challenge(order, given);
        uint256 deadline = _now() + RULING_TIME;

        vm.warp(deadline - 1);
        bytes4 ahead = IDisputeCourt.DisputeCourt_DeadlineAhead.selector;
        vm.expectRevert(abi.encodeWithSelector(ahead, deadline, deadline - 1));
        tribunal.expire(order, given, set);
        uint256 before = vm.snapshotState();
        _rule(order, given, true);
        vm.revertToState(before);

        vm.warp(deadline);
        bytes4 passed = IDisputeCourt.DisputeCourt_DeadlinePassed.selector;
        _refuseRuling(order, given, abi.encodeWithSelector(passed, deadline, deadline));
        tribunal.expire(order, given, set);
    }

    function test_ReversedPaysThePayerAndTheChallenger() public {
        (Order memory order, Attestation memory given) = _made(0);
        _challenge(order, given);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.Ruled(_orderHash(order), _key(order, given), arbiter, true, challenger, BOND);
        _rule(order, given, true);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW, "escrow");
        vm.assertEq(tribunal.owed(challenger), BOND, "bond");
        vm.assertEq(tribunal.cases(_key(order, given)).open, false, "open");
    }

    function test_UpheldPaysTheHoldersAndThePool() public {
        (Order memory order, Attestation memory given) = _made(0);
        _challenge(order, given);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.Ruled(_orderHash(order), _key(order, given), arbiter, false, poolReceiver, BOND);
        _rule(order, given, false);
        vm.assertEq(ledger.recordings(one).unclaimed, _parts(PRICE, NODE_FEE)[2], "one");
        vm.assertEq(tribunal.owed(poolReceiver), BOND, "bond");
    }

    function test_WithoutARulingItIsUpheldAndTheBondReturned() public {
        (Order memory order, Attestation memory given) = _made(0);
        _challenge(order, given);
        vm.warp(_now() + RULING_TIME);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.Lapsed(_orderHash(order), _key(order, given), challenger, BOND);
        vm.prank(guardian);
        tribunal.expire(order, given, set);
        vm.assertEq(ledger.recordings(one).unclaimed, _parts(PRICE, NODE_FEE)[2], "one");
        vm.assertEq(tribunal.owed(challenger), BOND, "bond");
    }

    function test_WithoutAPoolsReceiverTheChallengerKeepsTheBond() public {
        _deploy(address(token));
        _fund(payer, ESCROW);
        (one, two) = (_register(), _register());
        _convene();
        (Order memory order, Attestation memory given) = _made(0);
        _challenge(order, given);
        _rule(order, given, false);
        vm.assertEq(tribunal.owed(challenger), BOND, "bond");
    }

    function _refuseRuling(Order memory order, Attestation memory given, bytes memory reason) private {
        vm.prank(arbiter);
        vm.expectRevert(reason);
        tribunal.rule(order, given, set, true);
    }
}
