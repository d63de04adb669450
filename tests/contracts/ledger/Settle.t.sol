// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {AccountView, IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {Attestation, IRoyaltyLedger, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice One settlement: when it reverts, then what it does. See Settle.tree.
contract SettleTest is Base {
    uint32 internal first;
    uint32 internal second;

    function setUp() public override {
        super.setUp();
        first = _register();
        second = _register();
    }

    function _two() internal view returns (bytes memory) {
        return bytes.concat(_entry(first, 400_000), _entry(second, 600_000));
    }

    function _refuseEntries(bytes memory entries, bytes memory reason) internal {
        _refuse(_order(0), _attestation(entries), reason);
    }

    function test_RefusedWhilePaused() public {
        vm.prank(guardian);
        ledger.pause();
        _refuse(_order(0), _attestation(_two()), abi.encodeWithSelector(IRoles.Roles_Paused.selector));

        vm.prank(admin);
        ledger.unpause();
        _settle(_order(0), _attestation(_two()));
    }

    function test_RefusedWithoutAUse() public {
        Order memory order = _order(0);
        order.use = 0;
        _refuse(order, _attestation(_two()), abi.encodeWithSelector(IRoyaltyLedger.Settlement_UnknownUse.selector, 0));
        order.use = 16;
        _refuse(order, _attestation(_two()), abi.encodeWithSelector(IRoyaltyLedger.Settlement_UnknownUse.selector, 16));
    }

    function test_RefusedWhenMadeAfterTheDeadline() public {
        Order memory order = _order(0);
        order.deadline = _now() - 1;
        bytes memory reason =
            abi.encodeWithSelector(IRoyaltyLedger.Settlement_DeadlinePassed.selector, _now() - 1, _now());
        _refuse(order, _attestation(_two()), reason);

        order.deadline = _now();
        _settle(order, _attestation(_two()));
    }

    function test_RefusedAboveTheLargestPrice() public {
        Order memory order = _order(0);
        order.maxPrice = PRICE - 1;
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_PriceAboveMax.selector, PRICE, PRICE - 1);
        _refuse(order, _attestation(_two()), reason);

        order.maxPrice = PRICE;
        _settle(order, _attestation(_two()));
    }

    function test_RefusedFromTheFuture() public {
        Attestation memory given = _attestation(_two());
        given.generatedAt = _now() + 1;
        bytes memory reason =
            abi.encodeWithSelector(IRoyaltyLedger.Settlement_FromTheFuture.selector, _now() + 1, _now());
        _refuse(_order(0), given, reason);
    }

    function test_RefusedWhenOlderThanMaxLag() public {
        Order memory order = _order(0);
        Attestation memory given = _attestation(_two());
        uint256 made = _now();
        vm.warp(made + MAX_LAG + 1);
        bytes memory reason =
            abi.encodeWithSelector(IRoyaltyLedger.Settlement_TooLate.selector, made, made + MAX_LAG + 1, MAX_LAG);
        _refuse(order, given, reason);

        vm.warp(made + MAX_LAG);
        _settle(order, given);
    }

    function test_RefusedWhenTheNodeTakesMoreThanItsCap() public {
        uint256 most = PRICE * NODE_CAP_BPS / 10_000;
        Attestation memory given = _attestation(_two());
        given.nodeFee = most + 1;
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_NodeFeeAboveCap.selector, most + 1, most);
        _refuse(_order(0), given, reason);

        given.nodeFee = type(uint256).max;
        reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_NodeFeeAboveCap.selector, type(uint256).max, most);
        _refuse(_order(0), given, reason);

        given.nodeFee = most;
        _settle(_order(0), given);
    }

    function test_RefusedForANodeThatIsNotAllowed() public {
        vm.prank(admin);
        ledger.allowNode(node, false);
        _refuse(_order(0), _attestation(_two()), abi.encodeWithSelector(INodes.Nodes_NotAllowed.selector, node));
    }

    function test_RefusedWithEntriesOfABadLength() public {
        bytes4 bad = IRoyaltyLedger.Settlement_EntriesLength.selector;
        _refuseEntries("", abi.encodeWithSelector(bad, 0));
        _refuseEntries(bytes.concat(_two(), hex"00"), abi.encodeWithSelector(bad, 17));
        _refuseEntries(hex"00000001000f42", abi.encodeWithSelector(bad, 7));
    }

    function test_RefusedWhenEntriesDoNotAscend() public {
        bytes4 bad = IRoyaltyLedger.Settlement_EntriesNotAscending.selector;
        bytes memory turned = bytes.concat(_entry(second, 600_000), _entry(first, 400_000));
        _refuseEntries(turned, abi.encodeWithSelector(bad, second, first));
        bytes memory twice = bytes.concat(_entry(first, 400_000), _entry(first, 600_000));
        _refuseEntries(twice, abi.encodeWithSelector(bad, first, first));
        bytes memory pools = bytes.concat(_entry(0, 400_000), _entry(0, 600_000));
        _refuseEntries(pools, abi.encodeWithSelector(bad, 0, 0));
        bytes memory late = bytes.concat(_entry(first, 400_000), _entry(0, 600_000));
        _refuseEntries(late, abi.encodeWithSelector(bad, first, 0));
    }

    function test_RefusedWithAWeightOfZero() public {
        bytes4 bad = IRoyaltyLedger.Settlement_NoWeight.selector;
        _refuseEntries(bytes.concat(_entry(first, 0), _entry(second, 1e6)), abi.encodeWithSelector(bad, first));
        _refuseEntries(bytes.concat(_entry(0, 0), _entry(second, 1e6)), abi.encodeWithSelector(bad, 0));
    }

    function test_RefusedWhenWeightsDoNotSum() public {
        bytes4 bad = IRoyaltyLedger.Settlement_WeightsDoNotSum.selector;
        _refuseEntries(_entry(first, 999_999), abi.encodeWithSelector(bad, 999_999));
        bytes memory more = bytes.concat(_entry(first, 400_000), _entry(second, 600_001));
        _refuseEntries(more, abi.encodeWithSelector(bad, 1_000_001));
        bytes memory most = bytes.concat(_entry(first, type(uint32).max), _entry(second, 1_000_001));
        _refuseEntries(most, abi.encodeWithSelector(bad, uint256(type(uint32).max) + 1_000_001));
    }

    function test_RefusedForAnUnknownRecording() public {
        bytes4 bad = IRoyaltyLedger.Settlement_NoConsent.selector;
        _refuseEntries(_entry(77, 1e6), abi.encodeWithSelector(bad, 77, _now(), 0, 0));
        bytes memory last = _entry(type(uint32).max, 1e6);
        _refuseEntries(last, abi.encodeWithSelector(bad, type(uint32).max, _now(), 0, 0));
    }

    function test_RefusedForAUseThatIsNotPermitted() public {
        Terms memory terms = _terms();
        terms.uses = 1;
        uint32 quiet = _register(terms);
        bytes4 bad = IRoyaltyLedger.Settlement_UseNotPermitted.selector;
        _refuseEntries(_entry(quiet, 1e6), abi.encodeWithSelector(bad, quiet, 5, 1));

        Order memory order = _order(0);
        order.use = 1;
        _settle(order, _attestation(_entry(quiet, 1e6)));
    }

    function test_RefusedAboveTheLargestShare() public {
        Terms memory terms = _terms();
        terms.maxShare = 2_500;
        uint32 shy = _register(terms);
        bytes4 bad = IRoyaltyLedger.Settlement_ShareAboveMax.selector;
        bytes memory much = bytes.concat(_entry(second, 749_999), _entry(shy, 250_001));
        _refuseEntries(much, abi.encodeWithSelector(bad, shy, 250_001, 250_000));

        _settle(_order(0), _attestation(bytes.concat(_entry(second, 750_000), _entry(shy, 250_000))));
    }

    function test_RefusedWhenTheAccountCannotPay() public {
        Order memory order = _order(0);
        order.maxPrice = type(uint256).max;
        Attestation memory given = _attestation(_two());
        given.price = ESCROW + 1;
        given.nodeFee = 0;
        _refuse(order, given, abi.encodeWithSelector(IEscrow.Escrow_Short.selector, ESCROW, ESCROW + 1));

        given.price = ESCROW;
        _settle(order, given);
        vm.assertEq(ledger.accounts(payer).escrow, 0, "escrow");
    }

    function test_RefusedTheSecondTime() public {
        Order memory order = _order(0);
        Attestation memory given = _attestation(_two());
        _settle(order, given);
        _refuse(order, given, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 0));
        given.entries = _entry(second, 1e6);
        _refuse(order, given, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 0));
    }

    function test_TakesThePriceOnceAndDividesIt() public {
        bytes memory entries = bytes.concat(_entry(0, 100_000), _entry(first, 300_001), _entry(second, 599_999));
        _settle(_order(0), _attestation(entries));

        uint256 fee = PRICE * PROTOCOL_BPS / 10_000;
        uint256 royalty = PRICE - NODE_FEE - fee;
        uint256 pool = royalty * 100_000 / 1e6;
        uint256 upToFirst = royalty * 400_001 / 1e6;
        AccountView memory account = ledger.accounts(payer);
        vm.assertEq(account.escrow, ESCROW - PRICE, "escrow");
        vm.assertEq(account.protocolFees, fee, "protocol");
        vm.assertEq(account.pool, pool, "pool");
        vm.assertEq(account.nextNonce, 1, "nonce");
        vm.assertEq(ledger.nodeDisputable(node), NODE_FEE, "node");
        vm.assertEq(ledger.recordings(first).disputable, upToFirst - pool, "first");
        vm.assertEq(ledger.recordings(second).disputable, royalty - upToFirst, "second");
    }

    function test_EmitsSettledWithReadableArrays() public {
        Order memory order = _order(0);
        bytes memory signature = _signOrder(order);
        Attestation memory given = _attestation(_two());
        uint256 fee = PRICE * PROTOCOL_BPS / 10_000;
        uint256 royalty = PRICE - NODE_FEE - fee;
        uint32[] memory ids = new uint32[](2);
        uint256[] memory amounts = new uint256[](2);
        (ids[0], ids[1]) = (first, second);
        (amounts[0], amounts[1]) = (royalty * 4 / 10, royalty - royalty * 4 / 10);

        vm.expectEmit(address(ledger));
        emit IRoyaltyLedger.Settled(
            ledger.orderHash(order), payer, node, given.manifest, PRICE, NODE_FEE, fee, ids, amounts
        );
        ledger.settle(order, signature, given, _quorum(order, given));
    }

    function test_SettlesAPriceOfZero() public {
        Attestation memory given = _attestation(_two());
        (given.price, given.nodeFee) = (0, 0);
        _settle(_order(0), given);
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW, "escrow");
    }
}
