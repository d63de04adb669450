// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch, IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {BatchBase} from "../support/BatchBase.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallets.sol";

/// @notice Everything that reverts a whole batch. See Batch.tree.
contract BatchTest is BatchBase {
    uint256 private constant PAYER_AT = 64;
    uint256 private constant NODE_AT = 65;
    uint256 private constant MADE_AT = 92;
    uint256 private constant USE_AT = 98;
    uint256 private constant COUNT_AT = 99;

    function setUp() public override {
        super.setUp();
        _add(0, _two());
        _add(1, bytes.concat(_entry(0, 1), _entry(first, 999_999)));
    }

    /// @dev Changes one byte of the first generation; the quorum signs the batch as it was before.
    function _bent(uint256 at, uint8 value) private view returns (Batch memory batch) {
        batch = _batch();
        batch.generations[at] = bytes1(value);
    }

    function test_RefusedWhilePaused() public {
        vm.prank(guardian);
        ledger.pause();
        _refuseBatch(abi.encodeWithSelector(IRoles.Roles_Paused.selector));

        vm.prank(admin);
        ledger.unpause();
        _settleBatch();
    }

    function test_RefusedForASetThatIsNotActiveOrOver() public {
        (Batch memory batch, Quorum memory quorum) = (_batch(), _batchQuorum());
        vm.warp(SET_UNTIL);
        _refuseBatch(batch, abi.encodeWithSelector(IOracleSet.OracleSet_Expired.selector, SET_UNTIL, SET_UNTIL));

        quorum.threshold = 1;
        bytes32 other = keccak256(abi.encode(1, signers));
        vm.expectRevert(abi.encodeWithSelector(IOracleSet.OracleSet_NotActive.selector, other));
        ledger.settleBatch(batch, quorum);
    }

    function test_RefusedWithoutEnoughSignatures() public {
        (Batch memory batch, Quorum memory quorum) = (_batch(), _batchQuorum());
        quorum.signatures = new bytes(0);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_TooFewSignatures.selector, 0, 2));
        ledger.settleBatch(batch, quorum);
    }

    function test_RefusedWhenTheQuorumSignedAnotherBatch() public {
        Batch memory batch = _batch();
        attestations[1].manifest = keccak256("another");
        Quorum memory quorum = _batchQuorum();
        vm.expectPartialRevert(IRoyaltyLedger.Settlement_NotASigner.selector);
        ledger.settleBatch(batch, quorum);

        // The same generations in another order are another batch.
        _forget();
        _add(1, bytes.concat(_entry(0, 1), _entry(first, 999_999)));
        _add(0, _two());
        quorum = _batchQuorum();
        vm.expectRevert();
        ledger.settleBatch(batch, quorum);
    }

    function test_RefusedWithATableOfPayersThatRepeats() public {
        Batch memory batch = _batch();
        address[] memory payers = new address[](2);
        (payers[0], payers[1]) = (payer, payer);
        batch.payers = payers;
        bytes4 bad = IBatches.Batch_PayersNotAscending.selector;
        _refuseBatch(batch, abi.encodeWithSelector(bad, payer, payer));

        (payers[0], payers[1]) = (address(0), payer);
        _refuseBatch(batch, abi.encodeWithSelector(bad, address(0), address(0)));
    }

    function test_RefusedWithATableOfNodesThatRepeats() public {
        Batch memory batch = _batch();
        address[] memory nodes = new address[](2);
        (nodes[0], nodes[1]) = (node, node);
        batch.nodes = nodes;
        bytes4 bad = IBatches.Batch_NodesNotAscending.selector;
        _refuseBatch(batch, abi.encodeWithSelector(bad, node, node));

        (nodes[0], nodes[1]) = (node, address(uint160(node) - 1));
        _refuseBatch(batch, abi.encodeWithSelector(bad, node, nodes[1]));
    }

    function test_RefusedWithATableOfRecordingsThatDoesNotAscend() public {
        Batch memory batch = _batch();
        bytes memory reason = abi.encodeWithSelector(IBatches.Batch_RecordingsNotAscending.selector);
        batch.recordings = abi.encodePacked(uint32(0), first, first);
        _refuseBatch(batch, reason);
        batch.recordings = abi.encodePacked(uint32(0), second, first);
        _refuseBatch(batch, reason);
        batch.recordings = abi.encodePacked(first, uint32(0), second);
        _refuseBatch(batch, reason);
        batch.recordings = abi.encodePacked(uint32(0), uint32(0), first);
        _refuseBatch(batch, reason);

        batch.recordings = abi.encodePacked(uint32(0), first, uint24(1));
        _refuseBatch(batch, abi.encodeWithSelector(IBatches.Batch_RecordingsLength.selector, 11));
    }

    function test_RefusedWhenAnIndexIsBehindItsTable() public {
        bytes4 bad = IBatches.Batch_NoSuchPayer.selector;
        _refuseBatch(_bent(PAYER_AT, 1), abi.encodeWithSelector(bad, 1, 1));
        _refuseBatch(_bent(PAYER_AT, 255), abi.encodeWithSelector(bad, 255, 1));
        bad = IBatches.Batch_NoSuchNode.selector;
        _refuseBatch(_bent(NODE_AT, 1), abi.encodeWithSelector(bad, 1, 1));
        _refuseBatch(_bent(NODE_AT, 255), abi.encodeWithSelector(bad, 255, 1));

        // The low byte of the second entry's gap, then all twelve bits.
        bad = IBatches.Batch_NoSuchRecording.selector;
        _refuseBatch(_bent(COUNT_AT + 8, 1), abi.encodeWithSelector(bad, 3, 3));
        Batch memory batch = _bent(COUNT_AT + 8, 255);
        batch.generations[COUNT_AT + 7] |= 0x0f;
        _refuseBatch(batch, abi.encodeWithSelector(bad, 4_097, 3));
    }

    function test_RefusedWithoutTables() public {
        Batch memory batch = _batch();
        batch.recordings = "";
        _refuseBatch(batch, abi.encodeWithSelector(IBatches.Batch_NoSuchRecording.selector, 2, 0));
        batch.nodes = new address[](0);
        _refuseBatch(batch, abi.encodeWithSelector(IBatches.Batch_NoSuchNode.selector, 0, 0));
        batch.payers = new address[](0);
        _refuseBatch(batch, abi.encodeWithSelector(IBatches.Batch_NoSuchPayer.selector, 0, 0));
    }

    function test_RefusedWithoutGenerations() public {
        _forget();
        Batch memory batch = _batch();
        batch.from = _now();
        _refuseBatch(batch, abi.encodeWithSelector(IBatches.Batch_Empty.selector));
    }

    function test_RefusedWhenTheGenerationsEndElsewhere() public {
        Batch memory batch = _batch();
        bytes4 bad = IBatches.Batch_GenerationsLength.selector;
        bytes memory whole = batch.generations;
        batch.generations = bytes.concat(whole, hex"00");
        vm.expectRevert();
        ledger.settleBatch(batch, _batchQuorum());

        // Everything is there, but the last byte of the last signature is after the end of the list.
        batch.generations = whole;
        bytes memory call = abi.encodeCall(IBatches.settleBatch, (batch, _batchQuorum()));
        uint256 length = _find(call, whole) - 1;
        vm.assertEq(uint8(call[length]), uint8(whole.length), "length");
        call[length] = bytes1(uint8(whole.length - 1));
        (bool ok, bytes memory answer) = address(ledger).call(call);
        vm.assertTrue(!ok, "settled");
        vm.assertEq(answer, abi.encodeWithSelector(bad, whole.length - 1), "reason");
    }

    // The offset of `part` in `data`, found by its first 32 bytes.
    function _find(bytes memory data, bytes memory part) private pure returns (uint256 at) {
        while (Packed.load(data, at) != bytes32(part)) at++;
    }

    function test_RefusedForAUseThatIsNotListed() public {
        bytes4 bad = IRoyaltyLedger.Settlement_UnknownUse.selector;
        _refuseBatch(_bent(USE_AT, 0), abi.encodeWithSelector(bad, 0));
        _refuseBatch(_bent(USE_AT, 2), abi.encodeWithSelector(bad, 2));
        _refuseBatch(_bent(USE_AT, 255), abi.encodeWithSelector(bad, 255));

        Batch memory batch = _batch();
        batch.uses = 16;
        _refuseBatch(batch, abi.encodeWithSelector(bad, 16));
    }

    function test_RefusedFromTheFuture() public {
        bytes4 bad = IRoyaltyLedger.Settlement_FromTheFuture.selector;
        attestations[0].generatedAt = _now() + 1;
        _refuseBatch(abi.encodeWithSelector(bad, _now() + 1, _now()));

        Batch memory batch = _batch();
        batch.from = _now() + 1;
        _refuseBatch(batch, abi.encodeWithSelector(bad, _now() + 1, _now()));
        batch.from = type(uint256).max;
        _refuseBatch(batch, abi.encodeWithSelector(bad, type(uint256).max, _now()));
    }

    function test_RefusedWhenTheNodesFeeIsAboveItsCap() public {
        uint256 most = PRICE * NODE_CAP_BPS / 10_000;
        attestations[1].nodeFee = most + 1;
        _refuseBatch(abi.encodeWithSelector(IRoyaltyLedger.Settlement_NodeFeeAboveCap.selector, most + 1, most));

        attestations[1].nodeFee = most;
        _settleBatch();
    }

    function test_RefusedWhenTheEntriesDoNotSum() public {
        bytes4 bad = IRoyaltyLedger.Settlement_WeightsDoNotSum.selector;
        attestations[0].entries = bytes.concat(_entry(first, 400_000), _entry(second, 599_999));
        _refuseBatch(abi.encodeWithSelector(bad, 999_999));
        attestations[0].entries = bytes.concat(_entry(first, 400_000), _entry(second, 600_001));
        _refuseBatch(abi.encodeWithSelector(bad, 1_000_001));
        // Nor if there is nothing to divide.
        (attestations[0].price, attestations[0].nodeFee) = (0, 0);
        _refuseBatch(abi.encodeWithSelector(bad, 1_000_001));

        attestations[0].entries = "";
        _refuseBatch(abi.encodeWithSelector(IRoyaltyLedger.Settlement_EntriesLength.selector, 0));
    }

    function test_RefusedForTheLargestNonce() public {
        orders[0].nonce = type(uint32).max;
        bytes4 bad = IEscrow.Escrow_NonceTooLarge.selector;
        _refuseBatch(abi.encodeWithSelector(bad, type(uint32).max));

        orders[0].nonce = type(uint32).max - 1;
        orders[1].nonce = type(uint32).max - 2;
        _settleBatch();
        vm.assertEq(ledger.accounts(payer).nextNonce, type(uint32).max, "next");
    }

    function test_RefusedWhenAnOrderIsNotItsPayers() public {
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, payer);
        keys[1] = OTHER_KEY;
        _refuseBatch(reason);

        // The signature of the first generation, mirrored.
        keys[1] = payerKey;
        uint256 curve = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(payerKey, _digest(_orderHash(orders[0])));
        bytes[] memory signed = _signatures();
        signed[0] = abi.encodePacked(r, curve - uint256(s) | uint256(28 - v) << 255);
        _refuseBatch(_pack(orders, attestations, signed), reason);

        signed[0] = new bytes(64);
        _refuseBatch(_pack(orders, attestations, signed), reason);
    }

    function test_RefusedForAPayerThatIsAContract() public {
        address wallet = address(new Wallet());
        _fund(wallet, ESCROW);
        (orders[0].payer, orders[1].payer) = (wallet, wallet);
        _refuseBatch(abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, wallet));
    }

    function test_RefusedWhenARecordingIsFull() public {
        uint256 price = type(uint48).max;
        _fund(payer, 3 * price);
        for (uint256 i = 0; i < 2; i++) {
            (orders[i].maxPrice, attestations[i].price, attestations[i].nodeFee) = (price, price, 0);
            attestations[i].entries = _entry(second, 1_000_000);
        }
        _refuseBatch(abi.encodeWithSelector(IRoyaltyLedger.Settlement_RecordingFull.selector, second));
    }

    function test_RefusedForAListOfTwoPayers() public {
        orders[1].payer = vm.addr(OTHER_KEY);
        (Batch memory batch, Quorum memory quorum) = (_list(), _batchQuorum());
        bytes memory signature = _signList();
        vm.expectRevert(abi.encodeWithSelector(IBatches.Batch_NotOnePayer.selector, 2));
        ledger.settleOrders(batch, signature, quorum);
    }

    function test_RefusedForAListThatIsNotSigned() public {
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, payer);
        (Batch memory batch, Quorum memory quorum, bytes memory signature) = (_list(), _batchQuorum(), _signList());
        vm.expectRevert(reason);
        ledger.settleOrders(batch, new bytes(65), quorum);

        // A list with more orders than the payer signed.
        _add(2, _two());
        (batch, quorum) = (_list(), _batchQuorum());
        vm.expectRevert(reason);
        ledger.settleOrders(batch, signature, quorum);
        ledger.settleOrders(batch, _signList(), quorum);
    }
}
