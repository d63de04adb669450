// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {AccountView, IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BatchBase} from "../support/BatchBase.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice Obstacles of one generation, which leave the others alone. See Batch.tree.
contract BatchSkipsTest is BatchBase {
    uint256 private constant MOST = type(uint48).max;

    /// @dev The middle one of three is skipped with `reason`, which is the error of settling it by itself.
    function _skipMiddle(bytes4 reason) private {
        AccountView memory before = ledger.accounts(payer);
        uint256 earned = ledger.nodeDisputable(node);
        uint256 state = vm.snapshotState();
        _settleSingly(0);
        vm.expectPartialRevert(reason);
        this.settleSinglyFromOutside(1);
        vm.revertToState(state);

        vm.recordLogs();
        _settleBatch();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 4, "events");
        vm.assertEq(logs[1].topics[0], IBatches.Skipped.selector, "skipped");
        vm.assertEq(logs[1].topics[1], _orderHash(orders[1]), "which");
        vm.assertEq(logs[1].data, abi.encode(reason), "why");

        AccountView memory found = ledger.accounts(payer);
        vm.assertEq(before.escrow - found.escrow, 2 * PRICE, "escrow");
        vm.assertEq(ledger.nodeDisputable(node) - earned, 2 * NODE_FEE, "node");
        vm.assertEq(ledger.isNonceUsed(payer, orders[1].nonce), false, "nonce");
    }

    function settleSinglyFromOutside(uint256 i) external {
        _settleSingly(i);
    }

    function _three() private {
        for (uint256 i = 0; i < 3; i++) {
            _add(i, _two());
        }
        orders[1].nonce = 5;
        orders[2].nonce = 6;
    }

    function test_SkipsWhatIsTooLate() public {
        vm.warp(_now() + 10 days);
        _three();
        attestations[1].generatedAt = _now() - MAX_LAG - 1;
        _skipMiddle(IRoyaltyLedger.Settlement_TooLate.selector);

        // Together with values that are exactly at the limit.
        _forget();
        _add(10, _two());
        attestations[0].generatedAt = _now() - MAX_LAG;
        orders[0].deadline = _now();
        _settleBatch();
        vm.assertTrue(ledger.isNonceUsed(payer, 10), "edge");
    }

    function test_SkipsAnUnknownRecording() public {
        _three();
        attestations[1].entries = bytes.concat(_entry(first, 400_000), _entry(77, 600_000));
        _skipMiddle(IRoyaltyLedger.Settlement_NoConsent.selector);
        vm.assertEq(ledger.recordings(77).disputable, 0, "unknown");
    }

    function test_SkipsWhatWasMadeAfterARevocation() public {
        uint32 third = _register();
        vm.warp(_now() + 1 days);
        vm.prank(owner);
        ledger.revoke(third);
        _three();
        attestations[0].entries = _entry(third, 1_000_000);
        attestations[0].generatedAt = _now() - 1;
        attestations[1].entries = _entry(third, 1_000_000);
        _skipMiddle(IRoyaltyLedger.Settlement_NoConsent.selector);
    }

    function test_SkipsWhatWasMadeBeforeConsent() public {
        _three();
        attestations[1].generatedAt = _now() - 1;
        _skipMiddle(IRoyaltyLedger.Settlement_NoConsent.selector);
    }

    function test_SkipsAUseThatIsNotPermitted() public {
        Terms memory terms = _terms();
        terms.uses = 1;
        uint32 third = _register(terms);
        _three();
        orders[0].use = 1;
        attestations[0].entries = _entry(third, 1_000_000);
        attestations[1].entries = _entry(third, 1_000_000);
        _skipMiddle(IRoyaltyLedger.Settlement_UseNotPermitted.selector);
    }

    function test_SkipsAShareAboveTheLargest() public {
        Terms memory terms = _terms();
        terms.maxShare = 5_000;
        uint32 third = _register(terms);
        _three();
        attestations[0].entries = bytes.concat(_entry(second, 500_000), _entry(third, 500_000));
        attestations[1].entries = bytes.concat(_entry(second, 499_999), _entry(third, 500_001));
        _skipMiddle(IRoyaltyLedger.Settlement_ShareAboveMax.selector);
    }

    function test_SkipsANodeThatIsNotAllowed() public {
        _three();
        attestations[1].node = address(0xBAD);
        _skipMiddle(INodes.Nodes_NotAllowed.selector);

        // Even if it would earn almost nothing.
        (orders[1].nonce, attestations[1].price, attestations[1].nodeFee) = (9, 0, 0);
        (orders[0].nonce, orders[2].nonce) = (7, 8);
        _skipMiddle(INodes.Nodes_NotAllowed.selector);
        vm.assertEq(ledger.nodeSpent(address(0xBAD)), 0, "spent");
    }

    function test_SkipsWhatWouldPassANodesCap() public {
        _replaceSet(SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL, uint64(3 * PRICE)));
        _three();
        (orders[1].maxPrice, attestations[1].price) = (2 * PRICE + 1, 2 * PRICE + 1);
        _add(7, _two());
        (attestations[2].price, attestations[2].nodeFee) = (PRICE + 1, 0);
        (attestations[3].price, attestations[3].nodeFee) = (PRICE - 1, 0);
        _skip(1, INodes.Nodes_CapReached.selector);
        vm.assertEq(ledger.nodeSpent(node), 3 * PRICE, "exactly the cap");

        _forget();
        _add(8, _two());
        (attestations[0].price, attestations[0].nodeFee) = (1, 0);
        _skip(0, INodes.Nodes_CapReached.selector);
        attestations[0].price = 0;
        _skip(1, 0);
    }

    function test_SkipsANodeWhoseCapWasLowered() public {
        vm.warp((_now() / WINDOW + 1) * WINDOW);
        _add(0, _two());
        _settleBatch();
        _forget();
        _replaceSet(SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL, uint64(PRICE - 1)));
        _add(1, _two());
        (attestations[0].price, attestations[0].nodeFee) = (0, 0);
        _skip(0, INodes.Nodes_CapReached.selector);
    }

    function test_SkipsANodeWithoutRoom() public {
        _replaceSet(SetTerms(0, 5_000, SET_UNTIL, type(uint64).max));
        _huge(2);
        uint256 half = MOST / 2;
        (attestations[0].nodeFee, attestations[1].nodeFee) = (half, half);
        _add(2, _two());
        _add(3, _two());
        (attestations[2].nodeFee, attestations[3].nodeFee) = (2, 1);
        _skip(2, INodes.Nodes_Full.selector);
        vm.assertEq(ledger.nodeDisputable(node), MOST, "filled");
    }

    function test_SkipsAUsedNonce() public {
        _three();
        orders[1].nonce = 6;
        orders[2].nonce = 5;
        _settleSingly(1);
        _skip(1, IEscrow.Escrow_NonceUsed.selector);
    }

    function test_SkipsTheSameOrderTwice() public {
        _three();
        orders[1] = orders[0];
        _skip(1, IEscrow.Escrow_NonceUsed.selector);
    }

    function test_SkipsANonceThatIsTooOldWithinTheBatch() public {
        _three();
        orders[0].nonce = 64;
        orders[1].nonce = 0;
        orders[2].nonce = 1;
        _skip(1, IEscrow.Escrow_NonceTooOld.selector);
    }

    /// @dev Item `i` of the batch is skipped, all others are settled; if there is no such item, none is skipped.
    function _skip(uint256 i, bytes4 reason) private {
        vm.recordLogs();
        _settleBatch();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 j = 0; j < orders.length; j++) {
            bytes32 kind = j == i ? IBatches.Skipped.selector : IBatches.SettledInBatch.selector;
            vm.assertEq(logs[j].topics[0], kind, "kind");
        }
        if (reason != 0) vm.assertEq(logs[i].data, abi.encode(reason), "why");
    }

    function test_SkipsAnEscrowThatIsShort() public {
        address poor = vm.addr(99);
        _fund(poor, 2 * PRICE - 1);
        _three();
        for (uint256 i = 0; i < 3; i++) {
            (orders[i].payer, keys[i]) = (poor, 99);
        }
        (attestations[2].price, attestations[2].nodeFee) = (PRICE - 1, 0);
        _skip(1, IEscrow.Escrow_Short.selector);
        vm.assertEq(ledger.accounts(poor).escrow, 0, "escrow");
    }

    function test_SkipsAnAccountWithoutRoomForTheFee() public {
        _replaceSet(SetTerms(5_000, 0, SET_UNTIL, type(uint64).max));
        _huge(2);
        _add(2, _two());
        _add(3, _two());
        (attestations[2].price, attestations[3].price) = (4, 3);
        (attestations[2].nodeFee, attestations[3].nodeFee) = (0, 0);
        _skip(2, IEscrow.Escrow_FeesFull.selector);
        vm.assertEq(ledger.accounts(payer).protocolFees, MOST, "held");
    }

    function test_SkipsAnAccountWithoutRoomForThePool() public {
        _replaceSet(SetTerms(0, 0, SET_UNTIL, type(uint64).max));
        _huge(1);
        attestations[0].entries = bytes.concat(_entry(0, 999_999), _entry(first, 1));
        _add(1, _entry(0, 1_000_000));
        _add(2, _entry(0, 1_000_000));
        uint256 rest = MOST - MOST * 999_999 / 1_000_000;
        (orders[1].maxPrice, attestations[1].price, attestations[1].nodeFee) = (rest + 1, rest + 1, 0);
        (orders[2].maxPrice, attestations[2].price, attestations[2].nodeFee) = (rest, rest, 0);
        _skip(1, IEscrow.Escrow_PoolFull.selector);
        vm.assertEq(ledger.accounts(payer).pool, MOST, "held");
    }

    /// @dev This many generations of the highest price, each with its own recording.
    function _huge(uint256 count) private {
        _fund(payer, count * MOST);
        for (uint256 i = 0; i < count; i++) {
            _add(i, _entry(_register(), 1_000_000));
            (orders[i].maxPrice, attestations[i].price, attestations[i].nodeFee) = (MOST, MOST, 0);
        }
    }

    function test_SkipsAllOfThem() public {
        vm.prank(admin);
        ledger.allowNode(node, false);
        _three();
        vm.recordLogs();
        _settleList();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 4, "events");
        (uint32[] memory ids, uint256[] memory amounts) = abi.decode(logs[3].data, (uint32[], uint256[]));
        vm.assertTrue(ids.length == 2 && amounts[0] == 0 && amounts[1] == 0, "nothing");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW, "escrow");
    }
}
