// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice Who has to sign a settlement. See Signatures.tree.
contract SignaturesTest is Base {
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint32 internal recording;

    function setUp() public override {
        super.setUp();
        recording = _register();
    }

    function _given() internal view returns (Order memory, Attestation memory) {
        return (_order(0), _attestation(_entry(recording, 1e6)));
    }

    function _by(uint256 index) internal view returns (bytes memory) {
        (Order memory order, Attestation memory given) = _given();
        return _compact(oracleKeys[index], _attestationDigest(order, given));
    }

    function _refuseList(bytes memory list, bytes memory reason) internal {
        _refuseQuorum(Quorum(2, signers, list), reason);
    }

    function _refuseQuorum(Quorum memory quorum, bytes memory reason) internal {
        (Order memory order, Attestation memory given) = _given();
        bytes memory signature = _signOrder(order);
        vm.expectRevert(reason);
        ledger.settle(order, signature, given, quorum);
    }

    function test_RefusedBelowTheThreshold() public {
        bytes4 bad = IRoyaltyLedger.Settlement_TooFewSignatures.selector;
        _refuseList("", abi.encodeWithSelector(bad, 0, 2));
        _refuseList(_by(1), abi.encodeWithSelector(bad, 1, 2));
    }

    function test_RefusedWhenTheListIsNotWhole() public {
        bytes4 bad = IRoyaltyLedger.Settlement_SignaturesLength.selector;
        _refuseList(bytes.concat(_by(0), _by(1), hex"00"), abi.encodeWithSelector(bad, 129));
        _refuseList(hex"00", abi.encodeWithSelector(bad, 1));
    }

    function test_RefusedInDescendingOrder() public {
        bytes4 bad = IRoyaltyLedger.Settlement_SignersNotAscending.selector;
        _refuseList(bytes.concat(_by(2), _by(0)), abi.encodeWithSelector(bad, signers[2], signers[0]));
    }

    function test_RefusedWhenOneSignsTwice() public {
        bytes4 bad = IRoyaltyLedger.Settlement_SignersNotAscending.selector;
        _refuseList(bytes.concat(_by(1), _by(1)), abi.encodeWithSelector(bad, signers[1], signers[1]));
        _refuseList(bytes.concat(_by(0), _by(2), _by(2)), abi.encodeWithSelector(bad, signers[2], signers[2]));
    }

    function testFuzz_RefusedFromSomebodyElse(uint256 key, bool asFirst) public {
        key = _bound(key, 1_000, type(uint128).max);
        (Order memory order, Attestation memory given) = _given();
        bytes memory strange = _compact(key, _attestationDigest(order, given));
        bytes memory list = asFirst ? bytes.concat(strange, _by(2)) : bytes.concat(_by(0), strange);
        bool descends = !asFirst && vm.addr(key) <= signers[0];
        bytes4 bad = IRoyaltyLedger.Settlement_NotASigner.selector;
        bytes4 order_ = IRoyaltyLedger.Settlement_SignersNotAscending.selector;

        bytes memory reason = abi.encodeWithSelector(bad, vm.addr(key));
        _refuseList(list, descends ? abi.encodeWithSelector(order_, signers[0], vm.addr(key)) : reason);
    }

    /// @dev This encoding recovers to another key, if any: the compact form has no room for the top bit of a high s.
    function test_RefusedWhenMirrored() public {
        (Order memory order, Attestation memory given) = _given();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(oracleKeys[2], _attestationDigest(order, given));
        uint256 high = CURVE - uint256(s);
        _refuseAnyway(bytes.concat(_by(0), abi.encodePacked(r, high)));
        _refuseAnyway(bytes.concat(_by(0), abi.encodePacked(r, high | uint256(28 - v) << 255)));
        _refuseAnyway(bytes.concat(_by(0), abi.encodePacked(r, uint256(s) | uint256(28 - v) << 255)));
    }

    function _refuseAnyway(bytes memory list) private {
        (Order memory order, Attestation memory given) = _given();
        bytes memory signature = _signOrder(order);
        vm.expectRevert();
        ledger.settle(order, signature, given, Quorum(2, signers, list));
    }

    function test_RefusedInTheLongForm() public {
        (Order memory order, Attestation memory given) = _given();
        bytes32 digest = _attestationDigest(order, given);
        _refuseAnyway(bytes.concat(_sign(oracleKeys[0], digest), _sign(oracleKeys[2], digest)));
    }

    function test_RefusedWhenNoKeyIsBehindIt() public {
        bytes4 bad = IRoyaltyLedger.Settlement_BadSignature.selector;
        bytes memory none = abi.encodePacked(type(uint256).max, uint256(1));
        _refuseList(bytes.concat(none, _by(2)), abi.encodeWithSelector(bad, 0));
        _refuseList(bytes.concat(_by(0), none), abi.encodeWithSelector(bad, 1));
        _refuseList(bytes.concat(_by(0), _by(1), none), abi.encodeWithSelector(bad, 2));
    }

    function test_RefusedWhenZero() public {
        bytes4 bad = IRoyaltyLedger.Settlement_BadSignature.selector;
        _refuseList(new bytes(128), abi.encodeWithSelector(bad, 0));
        _refuseList(bytes.concat(_by(0), new bytes(64)), abi.encodeWithSelector(bad, 1));
        _refuseList(bytes.concat(_by(0), _by(1), new bytes(64)), abi.encodeWithSelector(bad, 2));
    }

    function test_RefusedWhenCutShort() public {
        bytes memory list = bytes.concat(_by(0), _by(1));
        bytes4 bad = IRoyaltyLedger.Settlement_SignaturesLength.selector;
        for (uint256 length = 127; length > 64; length -= 3) {
            assembly {
                mstore(list, length)
            }
            _refuseList(list, abi.encodeWithSelector(bad, length));
        }
    }

    function testFuzz_RefusedForAnythingElseSigned(uint256 field, bytes32 change) public {
        (Order memory order, Attestation memory given) = _given();
        Quorum memory quorum = _quorum(order, given);
        bytes memory signature = _signOrder(order);
        _change(given, field % 6, change);
        vm.expectRevert();
        ledger.settle(order, signature, given, quorum);
    }

    function _change(Attestation memory given, uint256 field, bytes32 change) private view {
        if (field == 0) given.price = _bound(uint256(change), 0, PRICE - 1);
        if (field == 1) given.node = address(uint160(uint256(change)));
        if (field == 2) given.nodeFee = _bound(uint256(change), 0, NODE_FEE - 1);
        if (field == 3) given.generatedAt = _now() - _bound(uint256(change), 1, 100);
        if (field == 5) given.entries = abi.encodePacked(given.entries, change);
        if (field == 4) given.manifest = given.manifest ^ (change | bytes32(uint256(1)));
    }

    function test_RefusedOnAnotherChain() public {
        (Order memory order, Attestation memory given) = _given();
        Quorum memory quorum = _quorum(order, given);
        bytes memory signature = _signOrder(order);
        vm.chainId(1);
        vm.expectRevert();
        ledger.settle(order, signature, given, quorum);
    }

    function test_RefusedOnAnotherLedger() public {
        (Order memory order, Attestation memory given) = _given();
        Quorum memory quorum = _quorum(order, given);
        bytes memory signature = _signOrder(order);
        _deploy(address(token));
        vm.expectRevert();
        ledger.settle(order, signature, given, quorum);
    }

    function test_RefusedForASetUnderAnotherName() public {
        Quorum memory quorum = Quorum(1, signers, _by(1));
        bytes32 other = keccak256(abi.encode(1, signers));
        _refuseQuorum(quorum, abi.encodeWithSelector(IOracleSet.OracleSet_NotActive.selector, other));

        quorum = Quorum(2, signers, bytes.concat(_by(0), _by(1)));
        (quorum.signers[0], quorum.signers[1]) = (quorum.signers[1], quorum.signers[0]);
        other = keccak256(abi.encode(2, quorum.signers));
        _refuseQuorum(quorum, abi.encodeWithSelector(IOracleSet.OracleSet_NotActive.selector, other));
    }

    function test_RefusedWhenTheSetHasExpired() public {
        vm.warp(SET_UNTIL);
        bytes4 bad = IOracleSet.OracleSet_Expired.selector;
        _refuseList(bytes.concat(_by(0), _by(1)), abi.encodeWithSelector(bad, SET_UNTIL, SET_UNTIL));
    }

    function test_RefusedWhenASignersAddressIsDirty() public {
        (Order memory order, Attestation memory given) = _given();
        Quorum memory quorum = _quorum(order, given);
        bytes memory call = abi.encodeCall(IRoyaltyLedger.settle, (order, _signOrder(order), given, quorum));
        uint256 place = _find(call, bytes32(uint256(uint160(signers[1]))));
        call[place] = 0x01;
        (bool ok,) = address(ledger).call(call);
        vm.assertEq(ok, false, "dirty");
        call[place] = 0x00;
        (ok,) = address(ledger).call(call);
        vm.assertEq(ok, true, "clean");
    }

    function _find(bytes memory data, bytes32 word) private pure returns (uint256) {
        for (uint256 at = 4; at + 32 <= data.length; at += 32) {
            bytes32 seen;
            assembly {
                seen := mload(add(add(data, 32), at))
            }
            if (seen == word) return at;
        }
        revert("no such word");
    }

    function test_SettlesWithMoreThanTheThreshold() public {
        (Order memory order, Attestation memory given) = _given();
        bytes memory all = bytes.concat(_by(0), _by(1), _by(2));
        ledger.settle(order, _signOrder(order), given, Quorum(2, signers, all));
    }

    function test_SettlesWithAnyTwo() public {
        uint256 before = vm.snapshotState();
        (Order memory order, Attestation memory given) = _given();
        for (uint256 left = 0; left < 3; left++) {
            bytes memory two = bytes.concat(_by(left == 0 ? 1 : 0), _by(left == 2 ? 1 : 2));
            ledger.settle(order, _signOrder(order), given, Quorum(2, signers, two));
            vm.revertToState(before);
        }
    }

    function test_HashesAreThoseOfTheTypes() public view {
        (Order memory order, Attestation memory given) = _given();
        bytes32 id = _orderHash(order);
        vm.assertEq(ledger.orderHash(order), id, "order");
        vm.assertEq(ledger.attestationHash(set, id, given), _attestationHash(given, set, id), "attestation");
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", ledger.domainSeparator(), id));
        vm.assertEq(digest, _digest(id), "domain");
    }
}
