// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView, Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";

/// @notice Recordings that change hands or tables. See Assign.tree.
contract AssignTest is Odd {
    address private constant BUYER = address(0xB1);

    uint32 internal recording;

    function setUp() public override {
        super.setUp();
        recording = _register();
    }

    function _offer(address to) internal {
        vm.prank(owner);
        ledger.offer(recording, to);
    }

    function _accept(uint32 split) internal {
        vm.prank(BUYER);
        ledger.accept(recording, split);
    }

    // Creates an amount that can be withdrawn, and one that is open to dispute.
    function _earnBoth(uint32 id) internal returns (uint256 due, uint256 disputable) {
        _earn(id, 0);
        _settle(_order(1), _attestation(_entry(id, 1e6)));
        RecordingView memory seen = ledger.recordings(id);
        vm.assertTrue(seen.unclaimed != 0 && seen.disputable != 0, "earned");
        return (seen.unclaimed, seen.disputable);
    }

    function test_RefusedForAnyoneButTheOwner() public {
        bytes memory reason = abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), owner);
        vm.expectRevert(reason);
        ledger.offer(recording, address(this));
        vm.expectRevert(reason);
        ledger.assign(recording, 0);
    }

    function test_RefusedToAcceptWhatWasNotOffered() public {
        bytes4 bad = ICatalogue.Catalogue_NotOffered.selector;
        vm.expectRevert(abi.encodeWithSelector(bad, BUYER, address(0)));
        _accept(0);
        _offer(ANN);
        vm.expectRevert(abi.encodeWithSelector(bad, BUYER, ANN));
        _accept(0);
        _offer(BUYER);
        _offer(address(0));
        vm.assertEq(ledger.offeredTo(recording), address(0), "taken back");
        vm.expectRevert(abi.encodeWithSelector(bad, BUYER, address(0)));
        _accept(0);
    }

    function test_RefusedWithAnUnknownTable() public {
        _offer(BUYER);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownSplit.selector, 1, 0));
        _accept(1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownSplit.selector, 1, 0));
        ledger.assign(recording, 1);
    }

    function test_AnOfferChangesNothing() public {
        vm.expectEmit(address(ledger));
        emit ICatalogue.Offered(recording, BUYER);
        _offer(BUYER);
        vm.assertEq(ledger.offeredTo(recording), BUYER, "offered");
        vm.assertEq(ledger.recordings(recording).owner, owner, "owner");
    }

    function test_AnAcceptedRecordingBelongsToTheBuyer() public {
        RecordingView memory before = ledger.recordings(recording);
        _offer(BUYER);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Assigned(recording, BUYER, 0);
        _accept(0);
        before.owner = BUYER;
        vm.assertEq(abi.encode(ledger.recordings(recording)), abi.encode(before), "all but the owner");
        vm.assertEq(ledger.offeredTo(recording), address(0), "offer");

        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, owner, BUYER));
        ledger.revoke(recording);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOffered.selector, BUYER, address(0)));
        _accept(0);
        vm.prank(BUYER);
        ledger.revoke(recording);
    }

    function test_WhatIsDueGoesToTheOldOwnerAndTheRestToTheNew() public {
        (uint256 due, uint256 disputable) = _earnBoth(recording);
        _offer(BUYER);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(recording, owner, due);
        _accept(0);
        vm.assertEq(token.balanceOf(owner), due, "old owner");
        _mature();
        vm.assertEq(ledger.withdraw(recording), disputable, "matured");
        vm.assertEq(token.balanceOf(BUYER), disputable, "new owner");
    }

    function test_WhatIsDueGoesByTheOldTable() public {
        recording = _three(200_000, 300_000, 500_000);
        (uint256 due, uint256 disputable) = _earnBoth(recording);
        vm.prank(owner);
        ledger.assign(recording, 0);
        vm.assertEq(token.balanceOf(ANN) + token.balanceOf(BOB) + token.balanceOf(CEM), due, "old table");
        vm.assertEq(ledger.recordings(recording).split, 0, "table");
        _mature();
        ledger.withdraw(recording);
        vm.assertEq(token.balanceOf(owner), disputable, "new table");
    }

    function test_AnOldHolderWhomTheTokenRejectsDoesNotPreventIt() public {
        _over(address(new BlockingToken()));
        recording = _three(200_000, 300_000, 500_000);
        (uint256 due,) = _earnBoth(recording);
        BlockingToken(address(token)).block_(BOB, BlockingToken.Manner.BOMB);
        _offer(BUYER);
        uint256 part = due / 2 - due * 2 / 10;
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(BOB, part);
        _accept(0);
        vm.assertEq(ledger.parked(BOB), part, "parked");
        vm.assertEq(ledger.recordings(recording).owner, BUYER, "owner");
    }

    function test_AnotherTableKeepsTheVersion() public {
        vm.startPrank(owner);
        ledger.amend(recording, 0, type(uint32).max, 1, 10_000);
        ledger.assign(recording, 0);
        vm.stopPrank();
        vm.assertEq(ledger.recordings(recording).version, 1, "version");
        vm.assertTrue(ledger.pastConsent(recording, 0) != 0, "past");
    }

    function test_AssignsFromATableToAnother() public {
        uint32 table = ledger.recordings(_three(1, 2, 999_997)).split;
        vm.expectEmit(address(ledger));
        emit ICatalogue.Assigned(recording, owner, table);
        vm.prank(owner);
        ledger.assign(recording, table);
        vm.assertEq(ledger.recordings(recording).split, table, "table");
        Terms memory terms = _terms();
        terms.split = table;
        vm.assertEq(ledger.recordings(_register(terms)).split, table, "registered so");
    }
}
