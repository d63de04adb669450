// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallets.sol";

/// @notice Sets in which contracts (ERC-1271) sign beside keys. See Signatures.tree.
contract ContractOraclesTest is Base {
    uint256 private constant SIGNATURE_GAS = 200_000;

    /// @dev The members in ascending order: two keys and two contracts, alternating.
    uint256[4] internal keys;
    Wallet[4] internal wallets;

    Order internal order;
    Attestation internal given;

    function setUp() public override {
        super.setUp();
        delete signers;
        _place(0, 0, address(0x1111));
        _place(1, 2, address(0x7777777777777777777777777777777777777777));
        for (uint256 i = 0; i < 4; i++) {
            signers.push(address(wallets[i]) == address(0) ? vm.addr(keys[i]) : address(wallets[i]));
        }
        vm.prank(admin);
        set = ledger.proposeSet(3, signers, _setTerms());
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(3, signers);
        order = _order(0);
        given = _attestation(_entry(_register(), 1e6));
    }

    // A contract at `at`, followed by a key whose address is larger and below any later contract.
    function _place(uint256 which, uint256 index, address at) private {
        vm.etch(at, type(Wallet).runtimeCode);
        wallets[index] = Wallet(at);
        uint256 key = 1_000 * (which + 1);
        uint160 most = which == 0 ? 0x7000 << 144 : type(uint160).max;
        while (vm.addr(key) < at || uint160(vm.addr(key)) > most) key++;
        keys[index + 1] = key;
    }

    function _key(uint256 index) internal view returns (bytes memory) {
        return _compact(keys[index], _attestationDigest(order, given));
    }

    function _contract(uint256 index, bytes memory signature) internal view returns (bytes memory) {
        return _item(address(wallets[index]), signature.length, signature);
    }

    function _item(address who, uint256 length, bytes memory signature) internal pure returns (bytes memory) {
        return abi.encodePacked(uint256(uint160(who)), length, signature);
    }

    function _all() internal view returns (bytes memory) {
        return bytes.concat(_contract(0, "any"), _key(1), _contract(2, ""), _key(3));
    }

    function _bring(bytes memory list) internal {
        ledger.settle(order, _signOrder(order), given, Quorum(3, signers, list));
    }

    function _refuse(bytes memory list, bytes memory reason) internal {
        bytes memory signature = _signOrder(order);
        vm.expectRevert(reason);
        ledger.settle(order, signature, given, Quorum(3, signers, list));
    }

    function _bad(uint256 index) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRoyaltyLedger.Settlement_BadSignature.selector, index);
    }

    function _length(bytes memory list) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRoyaltyLedger.Settlement_SignaturesLength.selector, list.length);
    }

    function test_SettlesWithContractsAndKeys() public {
        uint256 state = vm.snapshotState();
        _bring(_all());
        vm.revertToState(state);
        _bring(bytes.concat(_contract(0, ""), _key(1), _contract(2, new bytes(500))));
        vm.revertToState(state);
        _bring(bytes.concat(_contract(0, new bytes(31)), _contract(2, new bytes(33)), _key(3)));
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE, "escrow");
    }

    function test_RefusedBelowTheThreshold() public {
        bytes4 bad = IRoyaltyLedger.Settlement_TooFewSignatures.selector;
        _refuse(bytes.concat(_contract(0, ""), _contract(2, "")), abi.encodeWithSelector(bad, 2, 3));
    }

    function test_RefusedUnlessTheContractAccepts() public {
        Wallet.Manner[4] memory manners =
            [Wallet.Manner.REFUSE, Wallet.Manner.REVERT, Wallet.Manner.NOTHING, Wallet.Manner.SHORT];
        for (uint256 i = 0; i < manners.length; i++) {
            wallets[2].set(manners[i]);
            _refuse(_all(), _bad(2));
        }
        wallets[2].set(Wallet.Manner.ACCEPT);
        _bring(_all());
    }

    function test_AContractBurnsNoMoreThanItsCap() public {
        wallets[2].set(Wallet.Manner.BURN);
        uint256 before = gasleft();
        _refuse(_all(), _bad(2));
        uint256 burnt = before - gasleft();
        vm.assertTrue(burnt > SIGNATURE_GAS && burnt < SIGNATURE_GAS + 150_000, "gas");
    }

    function test_ALongAnswerIsNotCopied() public {
        wallets[2].set(Wallet.Manner.LONG);
        uint256 before = gasleft();
        _bring(_all());
        vm.assertTrue(before - gasleft() < 250_000, "gas");
    }

    function test_RefusedWhenTooLittleGasIsLeft() public {
        Quorum memory quorum = Quorum(3, signers, _all());
        bytes memory call = abi.encodeCall(IRoyaltyLedger.settle, (order, _signOrder(order), given, quorum));
        (bool ok, bytes memory reason) = address(ledger).call{gas: 210_000}(call);
        bytes4 bad = IRoyaltyLedger.Settlement_GasForSignature.selector;
        vm.assertTrue(!ok && bytes4(reason) == bad, "reason");
    }

    function test_RefusedInDescendingOrderOrTwice() public {
        bytes4 bad = IRoyaltyLedger.Settlement_SignersNotAscending.selector;
        (address low, address high) = (address(wallets[0]), address(wallets[2]));
        bytes memory list = bytes.concat(_contract(2, ""), _contract(0, ""), _key(3));
        _refuse(list, abi.encodeWithSelector(bad, high, low));
        list = bytes.concat(_contract(0, ""), _contract(2, ""), _contract(2, "again"));
        _refuse(list, abi.encodeWithSelector(bad, high, high));
        list = bytes.concat(_key(1), _contract(0, ""), _key(3));
        _refuse(list, abi.encodeWithSelector(bad, signers[1], low));
    }

    function test_RefusedFromAContractOutsideTheSet() public {
        address strange = address(0x2222);
        vm.etch(strange, type(Wallet).runtimeCode);
        bytes memory list = bytes.concat(_contract(0, ""), _item(strange, 0, ""), _key(3));
        _refuse(list, abi.encodeWithSelector(IRoyaltyLedger.Settlement_NotASigner.selector, strange));
    }

    function test_AKeyCannotStandAsAContract() public {
        bytes memory own = _sign(keys[1], _attestationDigest(order, given));
        bytes memory list = bytes.concat(_contract(0, ""), _item(signers[1], own.length, own), _key(3));
        _refuse(list, _bad(1));
        list = bytes.concat(_item(address(0), 0, ""), _contract(0, ""), _key(3));
        _refuse(list, _bad(0));
        list = bytes.concat(_item(address(1), 0, ""), _contract(0, ""), _key(3));
        _refuse(list, _bad(0));
    }

    function test_RefusedWhenTheLengthLies() public {
        bytes memory list = bytes.concat(_contract(0, ""), _key(1), _item(address(wallets[2]), 1, ""));
        _refuse(list, _length(list));
        list = bytes.concat(_contract(0, ""), _key(1), _item(address(wallets[2]), type(uint256).max, "any"));
        _refuse(list, _length(list));
        list = bytes.concat(_contract(0, ""), _key(1), _item(address(wallets[2]), type(uint256).max - 63, "any"));
        _refuse(list, _length(list));
        // Too short: the rest is not a signature.
        list = bytes.concat(_contract(0, ""), _key(1), _item(address(wallets[2]), 2, "any"));
        _refuse(list, _length(list));
        list = bytes.concat(_item(address(wallets[0]), 0, new bytes(64)), _key(1), _contract(2, ""));
        _refuse(list, _bad(1));
    }

    function test_RefusedWhenCutShort() public {
        bytes memory list = bytes.concat(_contract(0, "any"), _key(1), _contract(2, "some"));
        for (uint256 length = list.length - 1; length > list.length - 68; length--) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; i++) {
                cut[i] = list[i];
            }
            _refuse(cut, _length(cut));
        }
    }

    function test_AMemberThatLostItsCodeDoesNotSign() public {
        vm.etch(address(wallets[0]), "");
        _refuse(_all(), _bad(0));
    }
}
