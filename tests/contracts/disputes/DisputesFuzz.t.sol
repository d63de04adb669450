// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice After any settlements, sweeps, disputes and withdrawals, the money of a settlement is there until its window
/// ends. See Disputes.tree.
contract DisputesFuzzTest is Disputed {
    enum Fate {
        SETTLED,
        FROZEN,
        RELEASED
    }

    uint256 private constant STEPS = 24;

    Order[] private orders;
    Attestation[] private attestations;
    Fate[] private fates;
    uint256 private frozen;
    uint256 private entropy;

    function testFuzz_TheWholeAmountIsFoundUntilTheWindowEnds(uint256 seed) public {
        entropy = seed;
        for (uint256 step = 0; step < STEPS; step++) {
            vm.warp(_now() + _draw(4) * 1 days + _draw(1 days));
            _act(_draw(8));
            vm.assertEq(_owed() + frozen, token.balanceOf(address(ledger)), "held");
        }
        for (uint256 i = 0; i < orders.length; i++) {
            if (fates[i] == Fate.SETTLED) _dispute(i);
        }
        vm.assertEq(_owed() + frozen, token.balanceOf(address(ledger)), "held");
    }

    function _act(uint256 action) private {
        if (action < 3) _add();
        else if (action == 3) _sweep();
        else if (action == 4) _withdrawAll();
        else if (action == 5) _change();
        else if (orders.length != 0) _advance(_draw(orders.length));
    }

    function _add() private {
        uint256 price = _draw(PRICE);
        (Order memory order, Attestation memory given) = (_order(orders.length), _attestation(_entries()));
        (given.price, given.nodeFee) = (price, _draw(price * NODE_CAP_BPS / 10_000 + 1));
        order.deadline = given.generatedAt = _now() - _draw(MAX_LAG + 1);
        if (given.generatedAt < 1_750_000_000) order.deadline = given.generatedAt = _now();
        _settle(order, given);
        orders.push(order);
        attestations.push(given);
        fates.push(Fate.SETTLED);
    }

    function _advance(uint256 i) private {
        if (fates[i] == Fate.SETTLED) _dispute(i);
        else if (fates[i] == Fate.FROZEN) _end(i);
    }

    // Reverts, and so fails the test, if the money is not found.
    function _dispute(uint256 i) private {
        Attestation memory given = attestations[i];
        if (given.price == 0 || _now() >= given.generatedAt + WINDOW) return;

        frozen += _freeze(orders[i], given);
        fates[i] = Fate.FROZEN;
    }

    function _end(uint256 i) private {
        _release(orders[i], attestations[i], _draw(2) == 0);
        frozen -= attestations[i].price;
        fates[i] = Fate.RELEASED;
    }

    function _withdrawAll() private {
        ledger.withdraw(0);
        ledger.withdraw(one);
        ledger.withdraw(two);
        ledger.withdrawNode(node);
        ledger.withdrawNode(protocol);
    }

    // The fees belong to another receiver for a while, who does not withdraw them.
    function _change() private {
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE2), poolReceiver);
        _sweep();
        vm.prank(admin);
        ledger.setReceivers(protocol, poolReceiver);
    }

    function _draw(uint256 below) private returns (uint256) {
        entropy = uint256(keccak256(abi.encode(entropy)));
        return entropy % below;
    }
}
