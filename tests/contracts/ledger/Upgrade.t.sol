// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {Attestation, IRoyaltyLedger, Order, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Upgrading} from "../support/Upgrading.sol";
import {vm} from "../support/Vm.sol";

/// @notice The difference to a higher tier. See Upgrade.tree.
contract UpgradeTest is Upgrading {
    uint256 private constant OTHER_KEY = 8_080;

    function test_RefusedForAnotherOriginal() public {
        (Order memory order, Attestation memory given) = _next();
        bytes32 id = order.request;
        order.request = keccak256("request");
        bytes4 bad = IRoyaltyLedger.Upgrade_OtherOriginal.selector;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(bad, order.request, id));
    }

    function test_RefusedWithoutAHigherTier() public {
        (Order memory order, Attestation memory given) = _next();
        bytes4 bad = IRoyaltyLedger.Upgrade_TierNotHigher.selector;
        order.tier = 1;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(bad, 1, 1));
        order.tier = 0;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(bad, 0, 1));
    }

    function test_RefusedWithOtherEntries() public {
        (Order memory order, Attestation memory given) = _next();
        given.entries = bytes.concat(_entry(first, 400_000), _entry(second, 600_000));
        bytes4 bad = IRoyaltyLedger.Upgrade_OtherEntries.selector;
        bytes32 before = keccak256(original.attestation.entries);
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(bad, keccak256(given.entries), before));
    }

    function test_RefusedWithAnotherManifest() public {
        (Order memory order, Attestation memory given) = _next();
        given.manifest = keccak256("another");
        bytes4 bad = IRoyaltyLedger.Upgrade_OtherManifest.selector;
        bytes32 before = original.attestation.manifest;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(bad, given.manifest, before));
    }

    function test_RefusedForWhateverASettlementIsRefused() public {
        (Order memory order, Attestation memory given) = _next();
        order.maxPrice = given.price - 1;
        bytes4 dear = IRoyaltyLedger.Settlement_PriceAboveMax.selector;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(dear, given.price, given.price - 1));

        (order, given) = _next();
        order.nonce = 0;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 0));

        vm.prank(guardian);
        ledger.pause();
        (order, given) = _next();
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(IRoles.Roles_Paused.selector));
    }

    function test_RefusedWhenConsentIsGone() public {
        vm.warp(_now() + 10);
        vm.prank(owner);
        ledger.revoke(second);
        (Order memory order, Attestation memory given) = _next();
        uint256 from = ledger.recordings(second).consentFrom;
        bytes4 none = IRoyaltyLedger.Settlement_NoConsent.selector;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(none, second, _now(), from, _now()));
    }

    function test_RefusedForAUseThatWasNotPermittedBefore() public {
        vm.prank(owner);
        ledger.amend(second, 0, type(uint32).max, 1, 10_000);
        (Order memory order, Attestation memory given) = _next();
        bytes4 bad = IRoyaltyLedger.Settlement_UseNotPermitted.selector;
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(bad, second, 5, 1));
        order.use = 1;
        _upgrade(original, order, given);
    }

    function test_RefusedTheSecondUpgrade() public {
        (Order memory order, Attestation memory given) = _next();
        _upgrade(original, order, given);
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 1));
    }

    function test_CreditsTheSameVector() public {
        uint256 before = ledger.recordings(first).disputable;
        uint256 alsoBefore = ledger.recordings(second).disputable;
        (Order memory order, Attestation memory given) = _next();
        _upgrade(original, order, given);
        uint256 royalty = given.price - given.nodeFee - given.price * PROTOCOL_BPS / 10_000;
        uint256 one = royalty * 400_001 / 1e6 - royalty * 100_000 / 1e6;
        uint256 two = royalty - royalty * 400_001 / 1e6;
        vm.assertEq(ledger.recordings(first).disputable - before, one, "first");
        vm.assertEq(ledger.recordings(second).disputable - alsoBefore, two, "second");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE - given.price, "escrow");
        vm.assertEq(ledger.nodeSpent(node), PRICE + given.price, "counted against the cap");
    }

    function test_SaysWhatWasUpgraded() public {
        (Order memory order, Attestation memory given) = _next();
        bytes memory signature = _signOrder(order);
        vm.expectEmit(address(ledger));
        emit IRoyaltyLedger.Upgraded(_orderHash(order), _orderHash(original.order));
        ledger.upgrade(original, order, signature, given, _quorum(order, given));
    }

    function test_AnybodyMayPayForAnUpgrade() public {
        (Order memory order, Attestation memory given) = _next();
        order.payer = vm.addr(OTHER_KEY);
        order.nonce = 0;
        _fund(order.payer, given.price);
        bytes memory signature = _sign(OTHER_KEY, _digest(_orderHash(order)));
        ledger.upgrade(original, order, signature, given, _quorum(order, given));
        vm.assertEq(ledger.accounts(order.payer).escrow, 0, "escrow");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "the first payer's");
    }

    function test_AnUpgradeIsUpgraded() public {
        (Order memory order, Attestation memory given) = _next();
        _upgrade(original, order, given);
        Receipt memory middle = _receipt(order, given);
        (Order memory last, Attestation memory again) = _next();
        (last.nonce, last.tier, last.request) = (2, 3, _orderHash(order));
        _upgrade(middle, last, again);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE - 2 * (PRICE / 3), "escrow");
    }
}
