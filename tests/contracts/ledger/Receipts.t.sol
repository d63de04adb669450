// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Upgrading} from "../support/Upgrading.sol";
import {vm} from "../support/Vm.sol";

/// @notice A signed attestation as its own proof, used for an upgrade. See Upgrade.tree.
contract ReceiptsTest is Upgrading {
    bytes32 private constant BATCH = keccak256(
        "Batch(Attestation[] attestations)Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );

    function test_RefusedWhenTheOriginalWasNeverSettled() public {
        Receipt memory before = original;
        before.order.nonce = 7;
        before = _receipt(before.order, before.attestation);
        bytes4 bad = IRoyaltyLedger.Upgrade_NotSettled.selector;
        _refuseNext(before, abi.encodeWithSelector(bad, payer, 7));
    }

    function test_RefusedWhenTheReceiptIsNotSigned() public {
        Receipt memory before = original;
        before.attestation.price += 1;
        (Order memory order, Attestation memory given) = _next();
        bytes memory signature = _signOrder(order);
        vm.expectRevert();
        ledger.upgrade(before, order, signature, given, _quorum(order, given));

        before = original;
        before.quorum.signatures = "";
        bytes4 few = IRoyaltyLedger.Settlement_TooFewSignatures.selector;
        _refuseNext(before, abi.encodeWithSelector(few, 0, 2));
    }

    function test_RefusedWhenTheReceiptsSetWasNeverActive() public {
        Receipt memory before = original;
        before.quorum.threshold = 1;
        bytes32 other = keccak256(abi.encode(1, signers));
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Receipt_SetNeverActive.selector, other);
        _refuseNext(before, reason);
        vm.prank(admin);
        ledger.proposeSet(1, signers, _setTerms());
        _refuseNext(before, reason);
    }

    function test_RefusedWhenTheReceiptIsNotInItsBatch() public {
        Receipt memory before = original;
        before.batch = new bytes32[](1);
        bytes32 stated = _attestationHash(before.attestation, set, _orderHash(before.order));
        before.batch[0] = keccak256("another");
        _refuseNext(before, abi.encodeWithSelector(IRoyaltyLedger.Receipt_NotInBatch.selector, stated));

        // It is in the list, but the quorum did not sign this batch.
        before.batch[0] = stated;
        (Order memory order, Attestation memory given) = _next();
        bytes memory signature = _signOrder(order);
        vm.expectRevert();
        ledger.upgrade(before, order, signature, given, _quorum(order, given));
    }

    function test_AReceiptOfARemovedSetIsValid() public {
        vm.prank(admin);
        bytes32 other = ledger.proposeSet(1, signers, _setTerms());
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(1, signers);
        vm.prank(guardian);
        ledger.removeSet(set);
        (Order memory order, Attestation memory given) = _next();
        _refuseUpgrade(original, order, given, abi.encodeWithSelector(IOracleSet.OracleSet_NotActive.selector, set));

        bytes32 digest = _digest(_attestationHash(given, other, _orderHash(order)));
        bytes memory signature = _signOrder(order);
        vm.expectEmit(address(ledger));
        emit IRoyaltyLedger.Upgraded(_orderHash(order), _orderHash(original.order));
        ledger.upgrade(original, order, signature, given, _single(digest));
    }

    function _single(bytes32 digest) private view returns (Quorum memory) {
        return Quorum(1, signers, _compact(oracleKeys[0], digest));
    }

    function test_AReceiptOfABatchIsValidAtAnyPlace() public {
        (Order memory order, Attestation memory given) = _next();
        bytes memory signature = _signOrder(order);
        bytes32 stated = _attestationHash(original.attestation, set, _orderHash(original.order));
        for (uint256 place = 0; place < 3; place++) {
            uint256 state = vm.snapshotState();
            Receipt memory before = original;
            before.batch = new bytes32[](3);
            for (uint256 i = 0; i < 3; i++) {
                before.batch[i] = i == place ? stated : keccak256(abi.encode(i));
            }
            bytes32 digest = _digest(keccak256(abi.encode(BATCH, keccak256(abi.encodePacked(before.batch)))));
            before.quorum.signatures = bytes.concat(_compact(oracleKeys[0], digest), _compact(oracleKeys[2], digest));
            ledger.upgrade(before, order, signature, given, _quorum(order, given));
            vm.revertToState(state);
        }
    }
}
