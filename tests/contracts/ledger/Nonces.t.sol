// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {Attestation} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice The sliding window of nonces. See Nonces.tree.
contract NoncesTest is Base {
    uint256 private constant BITS = 64;
    uint256 private constant LIMIT = type(uint32).max;

    bytes internal entries;

    // The model: the used nonces, and the newest one plus 1.
    mapping(uint256 nonce => bool) internal used;
    uint256 internal next;

    function setUp() public override {
        super.setUp();
        entries = _entry(_register(), 1e6);
    }

    function _use(uint256 nonce) internal {
        Attestation memory given = _attestation(entries);
        (given.price, given.nodeFee) = (10, 0);
        _settle(_order(nonce), given);
    }

    function _refuseNonce(uint256 nonce, bytes memory reason) internal {
        _refuse(_order(nonce), _attestation(entries), reason);
    }

    function test_RefusedWhenUsed() public {
        _use(5);
        _refuseNonce(5, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 5));
        _use(4);
        _refuseNonce(4, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 4));
    }

    function test_RefusedWhenTooOld() public {
        _use(100);
        _refuseNonce(36, abi.encodeWithSelector(IEscrow.Escrow_NonceTooOld.selector, 36, 101));
        vm.assertEq(ledger.isNonceUsed(payer, 36), true, "dead");
        _use(37);
        _refuseNonce(37, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, 37));
    }

    function test_RefusedWhenTooLarge() public {
        _refuseNonce(LIMIT, abi.encodeWithSelector(IEscrow.Escrow_NonceTooLarge.selector, LIMIT));
        uint256 most = type(uint256).max;
        _refuseNonce(most, abi.encodeWithSelector(IEscrow.Escrow_NonceTooLarge.selector, most));
        vm.assertEq(ledger.isNonceUsed(payer, LIMIT), true, "dead");

        _use(LIMIT - 1);
        vm.assertEq(ledger.accounts(payer).nextNonce, LIMIT, "next");
        _use(LIMIT - BITS);
    }

    function test_AFarJumpClearsTheWindow() public {
        _use(0);
        _use(1);
        _use(1_000_000);
        for (uint256 i = 1; i < BITS; i++) {
            vm.assertEq(ledger.isNonceUsed(payer, 1_000_000 - i), false, "free");
        }
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_AgainstAPlainSet(uint256 seed) public {
        for (uint256 i = 0; i < 24; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(_pick(seed));
        }
        _compare();
    }

    // Mostly close to the newest, sometimes at an end of the window, sometimes far ahead.
    function _pick(uint256 seed) internal view returns (uint256) {
        uint256 back = seed % 5 == 0 ? BITS + seed / 8 % 3 : seed / 8 % 70;
        if (seed % 7 == 0) return next + seed / 8 % 200;
        return next + 3 > back ? next + 3 - back : 0;
    }

    function _step(uint256 nonce) internal {
        bool old = nonce + BITS < next;
        if (old) {
            _refuseNonce(nonce, abi.encodeWithSelector(IEscrow.Escrow_NonceTooOld.selector, nonce, next));
        } else if (used[nonce]) {
            _refuseNonce(nonce, abi.encodeWithSelector(IEscrow.Escrow_NonceUsed.selector, nonce));
        } else {
            _use(nonce);
            used[nonce] = true;
            if (nonce >= next) next = nonce + 1;
        }
    }

    function _compare() internal view {
        vm.assertEq(ledger.accounts(payer).nextNonce, next, "next");
        for (uint256 nonce = next > 200 ? next - 200 : 0; nonce < next + 10; nonce++) {
            bool dead = nonce + BITS < next || used[nonce];
            vm.assertEq(ledger.isNonceUsed(payer, nonce), dead, "used");
        }
    }
}
