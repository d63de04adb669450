// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Disputed} from "../support/Disputed.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice Freezing when the payer's account holds only a fee, only a pool share, or neither. See Disputes.tree.
contract DisputeFreezeLimitsTest is Disputed {
    function test_AFeeThatCameWithoutAShareIsFound() public {
        (Order memory order, Attestation memory given) = (_order(0), _attestation(_entry(one, 1_000_000)));
        (given.price, given.nodeFee) = (40, 0);
        _settle(order, given);
        vm.assertEq(ledger.accounts(payer).protocolFees, 1, "the least fee");

        vm.assertEq(_freeze(order, given), 40, "frozen");
        vm.assertEq(ledger.accounts(payer).protocolFees + _heldNode(protocol), 0, "fees");
    }

    function test_AShareThatCameWithoutAFeeIsFound() public {
        (Order memory order, Attestation memory given) = _madeAt(0, 10, 0);
        vm.assertEq(ledger.accounts(payer).protocolFees, 0, "no fee");
        vm.assertEq(ledger.accounts(payer).pool, 1, "the least share");

        vm.assertEq(_freeze(order, given), 10, "frozen");
        vm.assertEq(ledger.accounts(payer).pool + _held(0), 0, "pool");
    }

    function test_EmitsNoSweepIfNothingWaits() public {
        (Order memory order, Attestation memory given) = _made(0);
        _sweep();
        vm.recordLogs();
        _freeze(order, given);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1, "events");
        vm.assertEq(logs[0].topics[0], IDisputes.Frozen.selector, "frozen");
    }
}
