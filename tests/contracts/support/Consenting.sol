// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// @notice Recordings with windows of consent, and attempts to use them.
abstract contract Consenting is Base {
    uint256 internal start;

    function setUp() public virtual override {
        super.setUp();
        start = _now();
    }

    function _window(uint256 from, uint256 until) internal returns (uint32) {
        Terms memory terms = _terms();
        (terms.consentFrom, terms.consentUntil) = (uint32(from), uint32(until));
        return _register(terms);
    }

    function _revoke(uint32 recording) internal {
        vm.prank(owner);
        ledger.revoke(recording);
    }

    function _amend(uint32 recording, uint256 from, uint256 until, uint256 uses, uint256 share) internal {
        vm.prank(owner);
        ledger.amend(recording, uint32(from), uint32(until), uint8(uses), uint16(share));
    }

    function _ends(uint32 recording) internal view returns (uint256) {
        return ledger.recordings(recording).consentUntil;
    }

    // Whether a track made at `made` settles now; the state is reset after that. Only consent can prevent it.
    function _settles(uint32 recording, uint256 made) internal returns (bool) {
        return _settlesFor(recording, made, 5);
    }

    function _settlesFor(uint32 recording, uint256 made, uint256 use) internal returns (bool) {
        bytes4 reason = _refusal(recording, made, use);
        bool consented = reason != IRoyaltyLedger.Settlement_NoConsent.selector;
        vm.assertTrue(!consented || reason == 0, "another reason");
        return consented;
    }

    // The reason why a track made at `made` for `use` does not settle; zero if it does.
    function _refusal(uint32 recording, uint256 made, uint256 use) internal returns (bytes4 refusal) {
        uint256 state = vm.snapshotState();
        Order memory order = _order(0);
        order.use = use;
        Attestation memory given = _attestation(_entry(recording, 1e6));
        given.generatedAt = made;
        bytes memory signature = _signOrder(order);
        Quorum memory quorum = _quorum(order, given);
        try ledger.settle(order, signature, given, quorum) {}
        catch (bytes memory reason) {
            refusal = bytes4(reason);
        }
        vm.revertToState(state);
    }
}
