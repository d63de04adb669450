// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue, RecordingView} from "../../../contracts/interfaces/ICatalogue.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Consenting} from "../support/Consenting.sol";
import {vm} from "../support/Vm.sol";

/// @notice Replaced consent: wider, narrower, or after a revocation. See Amend.tree.
contract AmendTest is Consenting {
    uint32 internal recording;

    function setUp() public override {
        super.setUp();
        recording = _window(0, start + 30 days);
    }

    function _refuse(uint256 from, uint256 until, uint256 uses, uint256 share, bytes memory reason) internal {
        vm.expectRevert(reason);
        _amend(recording, from, until, uses, share);
    }

    // The window of a replaced consent.
    function _past(uint8 version) internal view returns (uint256 from, uint256 until) {
        uint256 word = ledger.pastConsent(recording, version);
        return (uint32(word >> 168), uint32(word >> 200));
    }

    function test_RefusedForAnyoneButTheOwner() public {
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), owner));
        ledger.amend(recording, 0, type(uint32).max, 1, 1);
    }

    function test_RefusedWithTermsThatARegistrationCouldNotHave() public {
        _refuse(0, start, 1, 1, abi.encodeWithSelector(ICatalogue.Catalogue_EmptyWindow.selector, start, start));
        _refuse(0, start + 1, 0, 1, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 0));
        _refuse(0, start + 1, 16, 1, abi.encodeWithSelector(ICatalogue.Catalogue_UnknownUses.selector, 16));
        _refuse(0, start + 1, 1, 0, abi.encodeWithSelector(ICatalogue.Catalogue_ShareOutOfRange.selector, 0));
        _refuse(0, start + 1, 1, 10_001, abi.encodeWithSelector(ICatalogue.Catalogue_ShareOutOfRange.selector, 10_001));
    }

    function test_RefusedAgainWithinMaxLag() public {
        uint256 closed = start + 100;
        vm.warp(closed);
        _amend(recording, 0, start + 20 days, 15, 10_000);
        bytes4 lately = ICatalogue.Catalogue_ChangedLately.selector;
        bytes memory reason = abi.encodeWithSelector(lately, closed, closed + MAX_LAG + 1);
        _refuse(0, start + 10 days, 15, 10_000, reason);
        vm.warp(closed + MAX_LAG);
        _refuse(0, start + 10 days, 15, 10_000, reason);

        vm.warp(closed + MAX_LAG + 1);
        _amend(recording, 0, start + 10 days, 15, 10_000);
        vm.assertEq(ledger.recordings(recording).version, 2, "version");
    }

    function test_RevokingWorksWithinMaxLag() public {
        vm.warp(start + 100);
        _amend(recording, 0, start + 20 days, 15, 10_000);
        vm.warp(start + 200);
        _revoke(recording);
        vm.assertEq(_settles(recording, start + 99), true, "under the first consent");
        vm.assertEq(_settles(recording, start + 100), true, "under the second");
        vm.assertEq(_settles(recording, start + 200), false, "after");
    }

    function test_SaysWhatIsNewAndKeepsWhatWas() public {
        vm.warp(start + 100);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Amended(recording, uint32(start + 100), uint32(start + 500), 3, 77, 0);
        _amend(recording, start, start + 500, 3, 77);

        RecordingView memory seen = ledger.recordings(recording);
        vm.assertTrue(seen.consentFrom == start + 100 && seen.consentUntil == start + 500, "window");
        vm.assertTrue(seen.uses == 3 && seen.maxShare == 77 && seen.version == 1, "terms");
        vm.assertTrue(seen.owner == owner && seen.split == 0, "owner");
        (uint256 from, uint256 until) = _past(0);
        vm.assertTrue(from == start && until == start + 100, "past window");
        vm.assertEq(ledger.pastConsent(recording, 0) >> 232, uint256(10_000) << 8 | 15, "past terms");
    }

    function test_AmendingKeepsTheMoney() public {
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
        uint256 earned = ledger.recordings(recording).disputable;
        vm.warp(start + 100);
        _amend(recording, 0, start + 500, 3, 77);
        vm.assertEq(ledger.recordings(recording).disputable, earned, "disputable");
        _mature();
        ledger.withdraw(recording);
        vm.assertEq(token.balanceOf(owner), earned, "paid");
    }

    function test_ANarrowerConsentAppliesFromThisBlock() public {
        vm.warp(start + 100);
        _amend(recording, 0, start + 30 days, 1, 2_500);
        bytes4 use = IRoyaltyLedger.Settlement_UseNotPermitted.selector;
        bytes4 share = IRoyaltyLedger.Settlement_ShareAboveMax.selector;
        vm.assertEq(bytes32(_refusal(recording, start + 100, 5)), bytes32(use), "uses now");
        vm.assertEq(bytes32(_refusal(recording, start + 100, 1)), bytes32(share), "share now");
        vm.assertEq(bytes32(_refusal(recording, start + 99, 5)), bytes32(0), "before");
        vm.warp(start + 99 + MAX_LAG);
        vm.assertEq(bytes32(_refusal(recording, start + 99, 5)), bytes32(0), "before, as late as may be");
    }

    function test_AWiderConsentAppliesFromThisBlock() public {
        _amend(recording, 0, start + 100, 1, 2_500);
        vm.warp(start + MAX_LAG + 1);
        uint256 widened = _now();
        _amend(recording, 0, start + 60 days, 15, 10_000);
        vm.warp(widened + 10);
        vm.assertEq(bytes32(_refusal(recording, widened, 5)), bytes32(0), "now");
        bytes4 none = IRoyaltyLedger.Settlement_NoConsent.selector;
        vm.assertEq(bytes32(_refusal(recording, widened - 1, 5)), bytes32(none), "ended before");
    }

    function test_AWiderConsentNeverAppliesToEarlierTracks() public {
        _amend(recording, 0, start + 30 days, 1, 2_500);
        vm.warp(start + MAX_LAG + 1);
        _amend(recording, 0, start + 30 days, 15, 10_000);
        bytes4 use = IRoyaltyLedger.Settlement_UseNotPermitted.selector;
        bytes4 share = IRoyaltyLedger.Settlement_ShareAboveMax.selector;
        vm.assertEq(bytes32(_refusal(recording, _now() - 1, 5)), bytes32(use), "uses");
        vm.assertEq(bytes32(_refusal(recording, _now() - 1, 1)), bytes32(share), "share");
    }

    function test_AConsentAfterARevocationLeavesAGap() public {
        vm.warp(start + 100);
        _revoke(recording);
        vm.warp(start + 200);
        _amend(recording, 0, start + 500, 15, 10_000);
        vm.assertEq(_settles(recording, start + 99), true, "before the revocation");
        vm.assertEq(_settles(recording, start + 100), false, "between, first second");
        vm.assertEq(_settles(recording, start + 199), false, "between, last second");
        vm.assertEq(_settles(recording, start + 200), true, "anew");
        (, uint256 until) = _past(0);
        vm.assertEq(until, start + 100, "kept as it ended");
    }

    function test_AFutureConsentIsReplacedWithoutATrace() public {
        vm.warp(start + 100);
        _amend(recording, start + 1 days, start + 9 days, 15, 10_000);
        vm.assertEq(_settles(recording, start + 100), false, "not yet");
        vm.warp(start + 200);
        _amend(recording, start + 300, start + 400, 15, 10_000);
        vm.assertEq(ledger.recordings(recording).version, 1, "version");

        vm.warp(start + 500);
        vm.assertEq(_settles(recording, start + 99), true, "under the first");
        vm.assertEq(_settles(recording, start + 100), false, "closed");
        vm.assertEq(_settles(recording, start + 299), false, "gap");
        vm.assertEq(_settles(recording, start + 300), true, "under the last");
        vm.assertEq(_settles(recording, start + 400), false, "over");
    }

    function test_TheFirstConsentIsReplacedBeforeItBegins() public {
        recording = _window(start + 100, start + 200);
        vm.expectEmit(address(ledger));
        emit ICatalogue.Amended(recording, uint32(start), uint32(start + 50), 15, 10_000, 255);
        _amend(recording, 0, start + 50, 15, 10_000);
        vm.assertEq(ledger.recordings(recording).version, 0, "version");
        vm.assertEq(ledger.pastConsent(recording, 255) + ledger.pastConsent(recording, 0), 0, "nothing kept");
        vm.assertEq(_settles(recording, start), true, "now");
    }

    function test_TheVersionWrapsAfter256() public {
        for (uint256 i = 0; i < 257; i++) {
            _amend(recording, 0, type(uint32).max, 1 + i % 15, 10_000);
            vm.warp(_now() + MAX_LAG + 1);
        }
        vm.assertEq(ledger.recordings(recording).version, 1, "version");
        (uint256 from,) = _past(0);
        vm.assertEq(from, start + 255 * (MAX_LAG + 1), "the newest of that number");
        vm.assertEq(ledger.recordings(recording).owner, owner, "owner");
    }
}
