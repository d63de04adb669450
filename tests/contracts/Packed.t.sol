// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {PackedHarness} from "./support/PackedHarness.sol";
import {Vm, vm} from "./support/Vm.sol";
import {Wallet} from "./support/Wallets.sol";

/// @notice Every function in assembly against its twin in plain Solidity.
contract PackedTest {
    uint256 private constant MADE = 1_750_000_000;

    PackedHarness internal harness;

    function setUp() public {
        harness = new PackedHarness();
    }

    function testFuzz_Load(bytes memory data, uint256 offset) public view {
        vm.assume(data.length >= 32);
        (bytes32 fast, bytes32 plain) = harness.load(data, offset % (data.length - 31));
        vm.assertEq(fast, plain, "word");
    }

    function testFuzz_Signature(bytes32[13] memory words, uint256 index) public view {
        bytes memory list = bytes.concat(abi.encodePacked(words), hex"1b1c000000000000");
        index = index % (list.length / 65);
        (bytes32 r, bytes32 s, uint8 v) = harness.fastSignature(list, index);
        (bytes32 pr, bytes32 ps, uint8 pv) = harness.plainSignature(list, index);
        vm.assertEq(abi.encode(r, s, v), abi.encode(pr, ps, pv), "signature");
    }

    function testFuzz_SetId(uint256 threshold, address[] calldata signers) public view {
        (bytes32 fast, bytes32 plain) = harness.setId(threshold, signers);
        vm.assertEq(fast, plain, "set");
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

    /// @dev Entries that are nearly right: each flaw comes up often, and so does none.
    function testFuzz_Credit(uint256 seed, uint64 royalty, uint256[4] memory head) public {
        uint256 count = 1 + seed % 8;
        uint256 use = 1 + (seed >> 8) % 15;
        bytes memory entries;
        uint256 id = (seed >> 16) % 3 == 0 ? 0 : 1 + (seed >> 24) % 1_000;
        uint256 left = 1e6;
        for (uint256 i = 0; i < count; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 weight = i + 1 == count ? left : 1 + (dice >> 64) % (left - count + i);
            left -= weight;
            if (dice % 41 == 0) weight = (dice >> 32) % 2 == 0 ? 0 : weight + 1;
            _write(id, weight, use, dice);
            entries = bytes.concat(entries, abi.encodePacked(uint32(id), uint32(weight)));
            id = dice % 37 == 0 ? id : id + 1 + (dice >> 128) % 1_000;
        }
        _compare(entries, royalty, use, head);
    }

    /// @dev Entries that are nothing but bytes.
    function testFuzz_CreditOfAnything(bytes memory entries, uint64 royalty, uint8 use) public {
        uint256 length = entries.length / 8 * 8;
        vm.assume(length != 0);
        assembly {
            mstore(entries, length)
        }
        _compare(entries, royalty, use % 16, [uint256(1), 2, 3, 4]);
    }

    // A word that permits the entry, mostly: one in sixteen has a flaw.
    function _write(uint256 id, uint256 weight, uint256 use, uint256 dice) private {
        uint256 from = MADE - (dice >> 40) % 3;
        uint256 until = MADE + 1 + (dice >> 44) % 3;
        uint256 share = (weight + 99) / 100;
        uint256 uses = use | (dice >> 48) % 16;
        uint256 matured = (dice >> 56) % 1e12;
        uint256 flaw = (dice >> 100) % 80;
        if (flaw == 0) from = MADE + 1;
        if (flaw == 1) until = MADE;
        if (flaw == 2 && share != 0) share -= 1;
        if (flaw == 3) uses = use - 1;
        if (flaw == 4) matured = type(uint56).max - (dice >> 108) % 4;
        harness.write(id, matured | from << 168 | until << 200 | uses << 232 | share << 240);
    }

    function _compare(bytes memory entries, uint256 royalty, uint256 use, uint256[4] memory head) private {
        vm.recordLogs();
        (uint256 pool, bool sound) = harness.fastCredit(entries, royalty, MADE, use, head);
        (uint256 plainPool, bool plainSound) = harness.plainCredit(entries, royalty, MADE, use, head);
        Vm.Log[] memory logs = vm.getRecordedLogs();

        vm.assertEq(sound, plainSound, "sound");
        if (!sound) return;
        vm.assertEq(pool, plainPool, "pool");
        vm.assertEq(logs[0].data, logs[1].data, "log");
        vm.assertEq(abi.encode(logs[0].topics), abi.encode(logs[1].topics), "topics");
        for (uint256 i = 0; i < entries.length; i += 8) {
            uint256 id = uint256(uint8(entries[i + 2])) << 8 | uint8(entries[i + 3]);
            (uint256 fast, uint256 plain) = harness.read(id);
            vm.assertEq(fast, plain, "word");
        }
    }
}
