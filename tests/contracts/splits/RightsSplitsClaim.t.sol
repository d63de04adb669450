// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IClaims} from "../../../contracts/interfaces/IClaims.sol";
import {SplitsBase} from "../support/SplitsBase.sol";
import {vm} from "../support/Vm.sol";

/// @notice Holders whose address is not known yet. See RightsSplitsClaim.tree.
contract RightsSplitsClaimTest is SplitsBase {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant OTHER_KEY = 78;

    address private key;

    function setUp() public override {
        super.setUp();
        key = vm.addr(CLAIM_KEY);
    }

    function _refuseClaim(address holder, address to, bytes memory signature, address signer) private {
        vm.expectRevert(abi.encodeWithSelector(IClaims.Claims_NotSigned.selector, holder, signer));
        splits.claim(holder, to, signature);
    }

    function _parts(bytes memory signature) private pure returns (bytes32 r, uint256 s, uint8 v) {
        assembly {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
            v := byte(0, mload(add(signature, 96)))
        }
    }

    function test_RefusedWithNowhereToPay() public {
        bytes memory signature = _signClaim(CLAIM_KEY, key, address(0));
        vm.expectRevert(abi.encodeWithSelector(IClaims.Claims_NoReceiver.selector));
        splits.claim(key, address(0), signature);
    }

    function test_RefusedWithoutTheKey() public {
        _refuseClaim(key, ANN, _signClaim(OTHER_KEY, key, ANN), vm.addr(OTHER_KEY));
        vm.prank(key);
        vm.expectRevert(abi.encodeWithSelector(IClaims.Claims_NotSigned.selector, key, address(0)));
        splits.claim(key, ANN, "");
    }

    function test_RefusedForAnotherReceiverOrContract() public {
        bytes memory signature = _signClaim(CLAIM_KEY, key, ANN);
        vm.expectPartialRevert(IClaims.Claims_NotSigned.selector);
        splits.claim(key, BOB, signature);

        super.setUp();
        vm.expectPartialRevert(IClaims.Claims_NotSigned.selector);
        splits.claim(key, ANN, signature);

        signature = _signClaim(CLAIM_KEY, key, ANN);
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(IClaims.Claims_NotSigned.selector);
        splits.claim(key, ANN, signature);
    }

    function test_RefusedForNobody() public {
        _refuseClaim(address(0), ANN, new bytes(65), address(0));
    }

    function test_RefusedWithAnotherFormOfTheSignature() public {
        bytes memory signature = _signClaim(CLAIM_KEY, key, ANN);
        (bytes32 r, uint256 s, uint8 v) = _parts(signature);
        _refuseClaim(key, ANN, abi.encodePacked(r, ORDER - s, 55 - v), address(0));
        _refuseClaim(key, ANN, abi.encodePacked(r, s, v - 27), address(0));
        _refuseClaim(key, ANN, abi.encodePacked(r, s | uint256(v - 27) << 255), address(0));
        _refuseClaim(key, ANN, bytes.concat(signature, hex"00"), address(0));
    }

    function test_RefusedTwice() public {
        _claim(CLAIM_KEY, ANN);
        bytes memory again = _signClaim(CLAIM_KEY, key, ANN);
        bytes memory other = _signClaim(CLAIM_KEY, key, BOB);
        bytes memory reason = abi.encodeWithSelector(IClaims.Claims_AlreadyClaimed.selector, key, ANN);
        vm.expectRevert(reason);
        splits.claim(key, ANN, again);
        vm.expectRevert(reason);
        splits.claim(key, BOB, other);
        vm.assertEq(splits.claimedBy(key), ANN, "claimed");
    }

    function test_AnyoneMaySendItIn() public {
        bytes memory signature = _signClaim(CLAIM_KEY, key, ANN);
        vm.assertEq(splits.claimedBy(key), address(0), "before");
        vm.expectEmit(address(splits));
        emit IClaims.Claimed(key, ANN);
        vm.prank(CEM);
        splits.claim(key, ANN, signature);
        vm.assertEq(splits.claimedBy(key), ANN, "after");
    }

    function test_TheHolderWaitsUntilThenAndIsPaidFromThen() public {
        uint32 split = splits.createTable(_two(_pending(key, 400_000), _holder(BOB, 600_000)));
        uint32 outer = splits.createTable(_two(_inner(split, 500_000), _holder(key, 500_000)));
        vm.assertEq(_divided(split, 10), _expected(key, true), "before");

        _claim(CLAIM_KEY, ANN);
        vm.assertEq(_divided(split, 10), _expected(ANN, false), "after");
        // A row that names the key as a known holder is not pending.
        _divides(outer, 20, [ANN, BOB, key], [uint256(4), 6, 10]);
    }

    function _expected(address payee, bool waits) private pure returns (bytes memory) {
        address[] memory payees = new address[](2);
        uint256[] memory amounts = new uint256[](2);
        bool[] memory pending = new bool[](2);
        (payees[0], payees[1]) = (payee, BOB);
        (amounts[0], amounts[1]) = (4, 6);
        pending[0] = waits;
        return abi.encode(payees, amounts, pending);
    }
}
