// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, IRoyaltyLedger, Order, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// @notice A settled generation, its receipt, and an upgrade of it.
abstract contract Upgrading is Base {
    uint32 internal first;
    uint32 internal second;
    Receipt internal original;

    function setUp() public virtual override {
        super.setUp();
        (first, second) = (_register(), _register());
        bytes memory entries = bytes.concat(_entry(0, 100_000), _entry(first, 300_001), _entry(second, 599_999));
        (Order memory order, Attestation memory given) = (_order(0), _attestation(entries));
        _settle(order, given);
        original = _receipt(order, given);
    }

    function _next() internal view returns (Order memory order, Attestation memory given) {
        order = _order(1);
        (order.request, order.tier) = (_orderHash(original.order), 2);
        given = _attestation(original.attestation.entries);
        (given.price, given.nodeFee) = (PRICE / 3, NODE_FEE / 3);
    }

    function _upgrade(Receipt memory before, Order memory order, Attestation memory given) internal {
        ledger.upgrade(before, order, _signOrder(order), given, _quorum(order, given));
    }

    function _refuseUpgrade(Receipt memory before, Order memory order, Attestation memory given, bytes memory reason)
        internal
    {
        bytes memory signature = _signOrder(order);
        (bool ok, bytes memory answer) = address(ledger)
            .call(abi.encodeCall(IRoyaltyLedger.upgrade, (before, order, signature, given, _quorum(order, given))));
        vm.assertEq(ok, false, "upgraded");
        vm.assertEq(answer, reason, "reason");
    }

    function _refuseNext(Receipt memory before, bytes memory reason) internal {
        (Order memory order, Attestation memory given) = _next();
        _refuseUpgrade(before, order, given, reason);
    }
}
