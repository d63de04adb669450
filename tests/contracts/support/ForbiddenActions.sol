// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Handler} from "./Handler.sol";
import {vm} from "./Vm.sol";

/// @notice Tries forbidden actions, which have to revert; a revert of the EVM undoes everything. Signing is slow here,
/// so this runs only now and then.
contract ForbiddenActions is Handler {
    modifier seldom(uint256 dice) {
        if (dice % 8 == 0) _;
    }

    /// @dev A settled order, again.
    function settleAgain() external {
        if (settlements != 0) _refused(address(this), lastCall);
    }

    /// @dev With a recording whose consent has ended.
    function settleWithoutConsent(uint256 who, uint256 which) external seldom(who >> 128) {
        uint32 id = uint32(1 + which % RECORDINGS);
        if (ledger.recordings(id).consentUntil > _now()) return;
        (Order memory order, bytes memory signature) = _nextOrder(who);
        _tryToSettle(order, signature, _attestation(_entry(id, 1e6)));
    }

    /// @dev For more than its payer has, or more than the order allows.
    function settleBeyond(uint256 who, uint256 seed) external seldom(who >> 128) {
        bytes memory entries = _entries(seed);
        if (entries.length == 0) return;
        (Order memory order, bytes memory signature) = _nextOrder(who);
        Attestation memory given = _attestation(entries);
        given.price = order.maxPrice + 1 + seed % 1e6;
        given.nodeFee = 0;
        _tryToSettle(order, signature, given);
    }

    /// @dev Signed by one oracle if two are needed.
    function settleWithoutQuorum(uint256 who, uint256 seed) external seldom(who >> 128) {
        bytes memory entries = _entries(seed);
        if (entries.length == 0) return;
        (Order memory order, bytes memory signature) = _nextOrder(who);
        Attestation memory given = _attestation(entries);
        (given.price, given.nodeFee) = (0, 0);
        Quorum memory quorum = _quorum(order, given);
        quorum.signatures = _compact(oracleKeys[seed % 3], _attestationDigest(order, given));
        _refused(address(this), abi.encodeCall(ledger.settle, (order, signature, given, quorum)));
    }

    /// @dev What only the admin, the guardian and the court may do.
    function overstep(uint256 dice, address caller) external {
        if (caller == admin || caller == guardian || caller == court) return;
        bytes[4] memory calls = [
            abi.encodeCall(ledger.unpause, ()),
            abi.encodeCall(ledger.removeSet, (set)),
            abi.encodeCall(ledger.allowNode, (caller, true)),
            abi.encodeCall(ledger.freeze, (lastOrder, lastAttestation, set))
        ];
        _refused(caller, calls[dice % 4]);
    }

    function _nextOrder(uint256 who) private view returns (Order memory order, bytes memory signature) {
        who = who % PAYERS;
        order = _order(nonces[who]);
        order.payer = payers[who];
        order.maxPrice = ledger.accounts(payers[who]).escrow;
        signature = _sign(_key(who), _digest(_orderHash(order)));
    }

    function _tryToSettle(Order memory order, bytes memory signature, Attestation memory given) private {
        Quorum memory quorum = _quorum(order, given);
        _refused(address(this), abi.encodeCall(ledger.settle, (order, signature, given, quorum)));
    }

    function _refused(address caller, bytes memory call) private {
        asked++;
        vm.prank(caller);
        (bool done,) = address(ledger).call(call);
        if (!done) refused++;
    }
}
