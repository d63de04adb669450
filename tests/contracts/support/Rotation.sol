// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// @notice A second set with one signer, beside the first set.
abstract contract Rotation is Base {
    uint256 internal constant LONER = 555;

    uint32 internal recording;
    uint256 internal nonce;
    address[] internal loner;
    bytes32 internal lonely;

    function setUp() public virtual override {
        super.setUp();
        recording = _register();
        loner.push(vm.addr(LONER));
        lonely = keccak256(abi.encode(1, loner));
    }

    function _propose(uint256 threshold, address[] memory given) internal returns (bytes32) {
        vm.prank(admin);
        return ledger.proposeSet(threshold, given, _setTerms());
    }

    function _activateLoner() internal {
        _propose(1, loner);
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(1, loner);
    }

    function _remove(bytes32 which) internal {
        vm.prank(guardian);
        ledger.removeSet(which);
    }

    function _lonelyQuorum(Order memory order, Attestation memory given) internal view returns (Quorum memory) {
        bytes32 digest = _digest(_attestationHash(given, lonely, _orderHash(order)));
        return Quorum(1, loner, _compact(LONER, digest));
    }

    function _trySettle(bool alone) internal returns (bytes4 refusal) {
        Order memory order = _order(nonce);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        Quorum memory quorum = alone ? _lonelyQuorum(order, given) : _quorum(order, given);
        try ledger.settle(order, _signOrder(order), given, quorum) {
            nonce++;
        } catch (bytes memory reason) {
            refusal = bytes4(reason);
        }
    }

    function _settles(bool alone) internal {
        vm.assertEq(bytes32(_trySettle(alone)), bytes32(0), "refused");
    }

    function _refuses(bool alone, bytes4 reason) internal {
        vm.assertEq(bytes32(_trySettle(alone)), bytes32(reason), "refusal");
    }
}
