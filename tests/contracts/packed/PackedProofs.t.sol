// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {PackedProofsHarness} from "../support/PackedProofsHarness.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallets.sol";

/// @notice Hashes and signatures in assembly against their twins in plain Solidity. See PackedProofs.tree.
contract PackedProofsTest {
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    PackedProofsHarness internal harness;

    function setUp() public {
        harness = new PackedProofsHarness();
    }

    function testFuzz_WordAt(bytes memory data, uint256 offset) public view {
        vm.assume(data.length >= 32);
        (uint256 fast, uint256 plain) = harness.wordAt(data, offset % (data.length - 31));
        vm.assertEq(fast, plain, "word");
    }

    function testFuzz_EntriesOf(Attestation memory given) public view {
        (bytes memory fast, bytes memory plain) = harness.entriesOf(given);
        vm.assertEq(fast, plain, "entries");
    }

    function testFuzz_PartsOf(Quorum memory quorum) public view {
        (bytes memory fast, bytes memory plain) = harness.partsOf(quorum);
        vm.assertEq(fast, plain, "parts");
    }

    /// @dev Signatures with any claimed place and length: after the end of calldata, or around its end to the start.
    function testFuzz_SignaturesWithAWrongPlaceOrLengthDoNotCount(
        bytes32 hash,
        uint256 place,
        uint256 length,
        uint8 way
    ) public view {
        address[] memory signers = new address[](1);
        signers[0] = vm.addr(1);
        bytes memory data = abi.encodeCall(harness.countOf, (hash, Quorum(1, signers, "")));
        if (way % 3 == 0) (place, length) = (type(uint256).max - place % 1_024, length % 16 * 64);
        if (way % 3 == 1) length = type(uint256).max - length % 4 * 64 - 63;
        (uint256 at, uint256 there) = (32 + 4 + 64 + 64, 32 + 4 + 64 + 160);
        if (way % 3 == 1) place = 160;
        assembly ("memory-safe") {
            mstore(add(data, at), place)
            mstore(add(data, there), length)
        }
        (bool ok, bytes memory answer) = address(harness).staticcall{gas: 3_000_000}(data);
        vm.assertTrue(!ok || abi.decode(answer, (uint256)) == 0, "counted");
    }

    function testFuzz_SetId(uint256 threshold, address[] calldata signers) public view {
        (bytes32 fast, bytes32 plain) = harness.setId(threshold, signers);
        vm.assertEq(fast, plain, "set");
    }

    function testFuzz_HashOrder(bytes32 kind, Order memory order) public view {
        (bytes32 fast, bytes32 plain) = harness.hashOrder(kind, order);
        vm.assertEq(fast, plain, "order");
    }

    function testFuzz_HashAttestation(bytes32[3] memory front, Attestation memory given) public view {
        (bytes32 fast, bytes32 plain) = harness.hashAttestation(front, given);
        vm.assertEq(fast, plain, "attestation");
    }

    function testFuzz_Digest(bytes32 domain, bytes32 structHash) public view {
        (bytes32 fast, bytes32 plain) = harness.digest(domain, structHash);
        vm.assertEq(fast, plain, "digest");
    }

    /// @dev Valid signatures, mirrored ones, and ones with a flaw.
    function testFuzz_Recover(uint256 key, bytes32 hash, uint256 flaw) public view {
        key = 1 + key % (CURVE - 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        (uint256 signed, uint256 parity) = (uint256(s), v - 27);
        if (flaw % 5 == 1) (signed, parity) = (CURVE - signed, 1 - parity);
        if (flaw % 5 == 2) signed = flaw;
        if (flaw % 5 == 3) r = bytes32(flaw);
        if (flaw % 5 == 4) parity = 1 - parity;
        (address fast, address plain) = harness.recover(hash, uint256(r), signed | parity << 255);
        vm.assertEq(fast, plain, "signer");
        vm.assertTrue(flaw % 5 != 0 || fast == vm.addr(key), "good");
        vm.assertTrue(flaw % 5 != 1 || fast != vm.addr(key), "mirrored");
    }

    /// @dev The compact form has room for few of the high values of `s`: those up to 2^255.
    function test_NobodyIsRecoveredFromAHighS() public view {
        uint256 high = CURVE / 2 + 1;
        address signer = ecrecover("hash", 27, bytes32(uint256(1)), bytes32(high));
        vm.assertTrue(signer != address(0), "a signature but for that");
        (address fast,) = harness.recover("hash", 1, high);
        vm.assertEq(fast, address(0), "signer");
        (fast,) = harness.recover("hash", 1, high - 1);
        vm.assertTrue(fast != address(0), "the highest s");

        address[] memory signers = new address[](1);
        signers[0] = signer;
        (uint256 count,) = harness.countSigners("hash", signers, abi.encode(1, high));
        vm.assertEq(count, 0, "counted");
        signers[0] = fast;
        (count,) = harness.countSigners("hash", signers, abi.encode(1, high - 1));
        vm.assertEq(count, 1, "not counted");
    }

    function test_TheEdgesOfTheCurveAreAsEcrecoverHasThem() public view {
        uint256[6] memory edges = [0, 1, CURVE / 2, CURVE / 2 + 1, CURVE, type(uint256).max];
        for (uint256 i = 0; i < 36; i++) {
            (address fast, address plain) = harness.recover("hash", edges[i / 6], edges[i % 6]);
            vm.assertEq(fast, plain, "signer");
        }
    }

    /// @dev Valid lists, and lists with one flaw: an unknown signer, a repeat, out of order, cut short, not signed.
    function testFuzz_CountSigners(bytes32 hash, uint256 dice) public view {
        uint256[] memory keys = _keys(1 + dice % 5);
        address[] memory signers = new address[](keys.length);
        bytes memory list;
        uint256 most;
        for (uint256 i = 0; i < keys.length; i++) {
            signers[i] = vm.addr(keys[i]);
            if (dice >> (8 + i) & 1 == 0) continue;
            list = bytes.concat(list, _compact(keys[i], hash));
            most++;
        }
        uint256 flaw = (dice >> 32) % 8;
        if (flaw == 1) list = bytes.concat(list, _compact(999_999, hash));
        if (flaw == 2) list = bytes.concat(list, _compact(keys[0], hash));
        if (flaw == 3) list = bytes.concat(_compact(keys[keys.length - 1], hash), list);
        if (flaw == 4) list = bytes.concat(list, hex"00");
        if (flaw == 5) list = bytes.concat(list, new bytes(64));
        if (flaw == 6) list = bytes.concat(list, bytes32(type(uint256).max), bytes32(uint256(1)));
        if (flaw == 7 && signers.length > 1) (signers[0], signers[1]) = (signers[1], signers[1]);

        (uint256 fast, uint256 plain) = harness.countSigners(hash, signers, list);
        vm.assertTrue(flaw != 0 || fast == most, "all of them");
        // For signers that do not ascend, only one thing is promised: it counts no more than there are.
        if (flaw == 7) vm.assertTrue(fast <= most, "no more");
        else vm.assertEq(fast, plain, "count");
    }

    function _keys(uint256 count) private pure returns (uint256[] memory keys) {
        keys = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            keys[i] = 500 + i;
            for (uint256 j = i; j > 0 && vm.addr(keys[j]) < vm.addr(keys[j - 1]); j--) {
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
    }

    function _compact(uint256 key, bytes32 hash) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        return abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255);
    }

    function testFuzz_StaticWord(uint8 manner, bool code) public {
        Wallet wallet = new Wallet();
        wallet.set(Wallet.Manner(manner % 7));
        address target = code ? address(wallet) : address(uint160(manner) + 1e9);
        bytes memory call = abi.encodeCall(Wallet.isValidSignature, (bytes32(0), "any"));
        (bool fast, bytes32 fastWord) = harness.fastStaticWord(target, 100_000, call);
        (bool plain, bytes32 plainWord) = harness.plainStaticWord(target, 100_000, call);
        vm.assertEq(abi.encode(fast, fastWord), abi.encode(plain, plainWord), "answer");
    }
}
