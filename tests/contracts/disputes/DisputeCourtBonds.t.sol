// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputeCourt} from "../../../contracts/interfaces/IDisputeCourt.sol";
import {Attestation, IRoyaltyLedger, Order, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {vm} from "../support/Vm.sol";
import {BlockingToken, FeeToken, HookToken, Hooked} from "../tokens/OddTokens.sol";

/// @notice Bonds, and evidence against a set. See DisputeCourt.tree.
contract DisputeCourtBondsTest is CourtFixture, Hooked {
    bool public wantsHook;
    bytes private echo;
    bool private entered;

    function test_RefusedWhenNothingIsOwed() public {
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DisputeCourt_NothingOwed.selector, challenger));
        tribunal.withdraw(challenger);
        _win(0);
        vm.prank(challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DisputeCourt_NoReceiver.selector));
        tribunal.withdrawTo(address(0));
    }

    function test_AnyoneSendsABondToItsOwner() public {
        _win(0);
        uint256 before = token.balanceOf(challenger);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.BondWithdrawn(challenger, challenger, BOND);
        vm.assertEq(tribunal.withdraw(challenger), BOND, "amount");
        vm.assertEq(token.balanceOf(challenger), before + BOND, "paid");
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DisputeCourt_NothingOwed.selector, challenger));
        tribunal.withdraw(challenger);
    }

    function test_TheOwnerSendsItElsewhere() public {
        _win(0);
        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.BondWithdrawn(challenger, owner, BOND);
        vm.prank(challenger);
        tribunal.withdrawTo(owner);
        vm.assertEq(token.balanceOf(owner), BOND, "paid");
        vm.assertEq(tribunal.owed(challenger), 0, "owed");
    }

    function test_ARefusingTokenStopsNoRuling() public {
        BlockingToken blocking = new BlockingToken();
        _over(address(blocking));
        blocking.block_(challenger, BlockingToken.Manner.REVERT);
        _win(0);
        vm.expectRevert();
        tribunal.withdraw(challenger);
        vm.assertEq(tribunal.owed(challenger), BOND, "owed");

        blocking.block_(challenger, BlockingToken.Manner.NONE);
        vm.assertEq(tribunal.withdraw(challenger), BOND, "paid");
    }

    function test_OfATokenThatKeepsAPartTheBondIsWhatArrived() public {
        _over(address(new FeeToken()));
        _win(0);
        vm.assertEq(tribunal.owed(challenger), BOND - BOND / 100, "owed");
        vm.assertEq(token.balanceOf(address(tribunal)), BOND - BOND / 100, "held");
    }

    /// @dev If a second challenge could run while the first takes its bond, each would count both bonds.
    function test_IsNotEnteredAgain() public {
        _over(address(new HookToken()));
        _enrich(address(this));
        (Order memory order, Attestation memory given) = _made(0);
        (Order memory other, Attestation memory another) = _made(1);

        (wantsHook, echo) = (true, abi.encodeCall(IDisputeCourt.challenge, (_receipt(other, another), GROUNDS)));
        tribunal.challenge(_receipt(order, given), GROUNDS);
        vm.assertEq(entered, false, "entered");
        vm.assertEq(tribunal.cases(_key(order, given)).bond, BOND, "bond");

        _rule(order, given, true);
        echo = abi.encodeCall(IDisputeCourt.withdraw, (address(this)));
        vm.assertEq(tribunal.withdraw(address(this)), BOND, "amount");
        vm.assertEq(entered, false, "entered again");
        vm.assertEq(token.balanceOf(address(tribunal)), 0, "held");
    }

    function testFuzz_HoldsWhatIsOwedAndOpen(uint256 seed) public {
        uint256 open;
        for (uint256 nonce = 0; nonce < 6; nonce++) {
            (Order memory order, Attestation memory given) = _made(nonce);
            _challenge(order, given);
            uint256 fate = seed >> 8 * nonce & 3;
            if (fate == 0) open += BOND;
            if (fate == 1) _rule(order, given, true);
            if (fate == 2) _rule(order, given, false);
            if (fate == 3) _lapse(order, given);
            if (seed >> 8 * nonce & 4 == 4 && tribunal.owed(challenger) != 0) tribunal.withdraw(challenger);
        }
        uint256 owed = tribunal.owed(challenger) + tribunal.owed(poolReceiver);
        vm.assertEq(token.balanceOf(address(tribunal)), owed + open, "held");
    }

    function test_TwoAttestationsOfOneSetAreEvidence() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory first = _receipt(order, given);
        Receipt memory second = _batched(order, _another(), keccak256("other"));

        vm.expectEmit(address(tribunal));
        emit IDisputeCourt.Equivocated(
            _orderHash(order), set, _key(order, first.attestation), _key(order, second.attestation)
        );
        tribunal.proveEquivocation(first, second);
    }

    function test_NoEvidenceFromOneAttestation() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory first = _receipt(order, given);
        bytes4 same = IDisputeCourt.DisputeCourt_SameAttestation.selector;
        vm.expectRevert(abi.encodeWithSelector(same, _key(order, given)));
        tribunal.proveEquivocation(first, first);
    }

    function test_NoEvidenceFromTwoOrders() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory first = _receipt(order, given);
        Receipt memory second = _receipt(_order(1), given);
        bytes4 other = IDisputeCourt.DisputeCourt_OtherOrder.selector;
        bytes memory reason = abi.encodeWithSelector(other, _orderHash(order), _orderHash(second.order));
        vm.expectRevert(reason);
        tribunal.proveEquivocation(first, second);
    }

    function test_NoEvidenceFromTwoSets() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory first = _receipt(order, given);
        bytes32 former = set;
        _replaceSet();
        Receipt memory second = _receipt(order, _another());
        second.quorum.threshold = 1;
        bytes4 other = IDisputeCourt.DisputeCourt_OtherSet.selector;
        vm.expectRevert(abi.encodeWithSelector(other, former, set));
        tribunal.proveEquivocation(first, second);
    }

    function test_NoEvidenceWithoutSignatures() public {
        (Order memory order, Attestation memory given) = _made(0);
        Receipt memory first = _receipt(order, given);
        Receipt memory second = _receipt(order, _another());
        second.quorum.signatures = "";
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_TooFewSignatures.selector, 0, 2);
        vm.expectRevert(reason);
        tribunal.proveEquivocation(first, second);
        vm.expectRevert(reason);
        tribunal.proveEquivocation(second, first);
    }

    function _another() private view returns (Attestation memory given) {
        given = _attestation(_entries());
        given.manifest = keccak256("another");
    }

    function onToken() external {
        if (wantsHook) (entered,) = address(tribunal).call(echo);
    }

    function _win(uint256 nonce) private {
        (Order memory order, Attestation memory given) = _made(nonce);
        _challenge(order, given);
        _rule(order, given, true);
    }

    function _lapse(Order memory order, Attestation memory given) private {
        vm.warp(_now() + RULING_TIME);
        tribunal.expire(order, given, set);
    }

    function _over(address currency) private {
        _deploy(currency);
        _fund(payer, ESCROW);
        _furnish();
        _convene();
    }

    // The same signers with another threshold.
    function _replaceSet() private {
        vm.prank(admin);
        set = ledger.proposeSet(1, signers, _setTerms());
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(1, signers);
    }
}
