// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice Whether the payer signed. See Signatures.tree.
contract OrderSignaturesTest is Base {
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint32 internal recording;

    function setUp() public override {
        super.setUp();
        recording = _register();
    }

    function _given() internal view returns (Order memory, Attestation memory) {
        return (_order(0), _attestation(_entry(recording, 1e6)));
    }

    function _bring(bytes memory signature) internal {
        (Order memory order, Attestation memory given) = _given();
        ledger.settle(order, signature, given, _quorum(order, given));
    }

    function _refuseOrder(bytes memory signature) internal {
        (Order memory order, Attestation memory given) = _given();
        Quorum memory quorum = _quorum(order, given);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, payer));
        ledger.settle(order, signature, given, quorum);
    }

    function _signed() internal view returns (uint8 v, bytes32 r, bytes32 s) {
        (Order memory order,) = _given();
        return vm.sign(payerKey, _digest(_orderHash(order)));
    }

    function test_RefusedWithoutASignature() public {
        _refuseOrder("");
        _refuseOrder(new bytes(64));
        _refuseOrder(new bytes(65));
    }

    function test_RefusedFromAnotherKey() public {
        (Order memory order,) = _given();
        _refuseOrder(_sign(oracleKeys[0], _digest(_orderHash(order))));
        _refuseOrder(_compact(oracleKeys[0], _digest(_orderHash(order))));
    }

    function test_RefusedWithAnotherLength() public {
        (uint8 v, bytes32 r, bytes32 s) = _signed();
        bytes memory long = abi.encodePacked(r, s, v);
        for (uint256 length = 0; length < 130; length++) {
            bytes memory signature = new bytes(length);
            for (uint256 i = 0; i < length && i < 65; i++) {
                signature[i] = long[i];
            }
            // The first 64 bytes are the compact form of a signature with even parity.
            bool good = length == 65 || length == 64 && v == 27;
            if (!good) _refuseOrder(signature);
        }
    }

    function test_RefusedWithAHighS() public {
        (uint8 v, bytes32 r, bytes32 s) = _signed();
        uint256 high = CURVE - uint256(s);
        _refuseOrder(abi.encodePacked(r, high, uint8(55 - v)));
        _refuseOrder(abi.encodePacked(r, high, v));
        _refuseOrder(abi.encodePacked(r, high));
        _refuseOrder(abi.encodePacked(r, high | uint256(28 - v) << 255));
    }

    function testFuzz_RefusedWithAnotherV(uint8 other) public {
        (uint8 v, bytes32 r, bytes32 s) = _signed();
        vm.assume(other != v);
        _refuseOrder(abi.encodePacked(r, s, other));
    }

    function testFuzz_RefusedForAnyOtherOrder(uint256 field, uint256 change) public {
        (Order memory order,) = _given();
        change = _bound(change, 1, type(uint128).max);
        field = field % 8;
        if (field == 0) order.payer = address(uint160(order.payer) ^ uint160(change));
        if (field == 1) order.nonce += change;
        if (field == 2) order.request = bytes32(uint256(order.request) ^ change);
        if (field == 3) order.maxPrice += change;
        if (field == 4) order.tier += change;
        if (field == 5) order.use += change;
        if (field == 6) order.rule += change;
        if (field == 7) order.deadline += change;
        _refuseOrder(_sign(payerKey, _digest(_orderHash(order))));
    }

    function test_ThePayerOfZeroHasNoSigner() public {
        (Order memory order, Attestation memory given) = _given();
        order.payer = address(0);
        (given.price, given.nodeFee) = (0, 0);
        Quorum memory quorum = _quorum(order, given);
        bytes memory reason = abi.encodeWithSelector(IRoyaltyLedger.Settlement_OrderNotSigned.selector, address(0));
        vm.expectRevert(reason);
        ledger.settle(order, new bytes(65), given, quorum);
        vm.expectRevert(reason);
        ledger.settle(order, new bytes(64), given, quorum);
    }

    function test_SettlesWithTheLongForm() public {
        (uint8 v, bytes32 r, bytes32 s) = _signed();
        _bring(abi.encodePacked(r, s, v));
    }

    function test_SettlesWithTheCompactForm() public {
        (Order memory order,) = _given();
        _bring(_compact(payerKey, _digest(_orderHash(order))));
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "escrow");
    }

    function testFuzz_BothFormsOfAnyKey(uint256 key, bool long) public {
        payer = vm.addr(_bound(key, 1, type(uint128).max));
        _fund(payer, PRICE);
        (Order memory order, Attestation memory given) = _given();
        bytes32 digest = _digest(_orderHash(order));
        key = _bound(key, 1, type(uint128).max);
        bytes memory signature = long ? _sign(key, digest) : _compact(key, digest);
        ledger.settle(order, signature, given, _quorum(order, given));
        vm.assertEq(ledger.accounts(payer).escrow, 0, "escrow");
    }
}
