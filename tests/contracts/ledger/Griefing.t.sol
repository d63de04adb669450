// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, IRoyaltyLedger, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";

/// @notice Payees who try to prevent the payment of others. See Griefing.tree.
contract GriefingTest is Odd {
    // JUMPDEST, PUSH1 0, JUMP: an endless loop.
    bytes private constant LOOP = hex"5b600056";
    // PUSH3 200000, PUSH1 0, REVERT: a long revert reason.
    bytes private constant BOMB = hex"62030d406000fd";

    function _settleGas(uint32 recording) internal returns (uint256 spent) {
        uint256 state = vm.snapshotState();
        Order memory order = _order(0);
        Attestation memory given = _attestation(_entry(recording, 1e6));
        bytes memory call =
            abi.encodeCall(IRoyaltyLedger.settle, (order, _signOrder(order), given, _quorum(order, given)));
        spent = this.measure(call);
        vm.revertToState(state);
    }

    /// @dev In its own call frame, so that the content of our memory makes no difference.
    function measure(bytes calldata call) external returns (uint256) {
        uint256 before = gasleft();
        (bool ok,) = address(ledger).call(call);
        uint256 spent = before - gasleft();
        vm.assertEq(ok, true, "settled");
        return spent;
    }

    function test_ASettlementCostsTheSameWhoeverIsPaid() public {
        uint32 recording = _three(200_000, 300_000, 500_000);
        uint256 plain = _settleGas(recording);
        address[4] memory payees = [owner, ANN, BOB, node];
        for (uint256 i = 0; i < payees.length; i++) {
            vm.etch(payees[i], i % 2 == 0 ? LOOP : BOMB);
        }
        vm.assertEq(_settleGas(recording), plain, "gas");
    }

    function test_APlainTokenPaysThemWithoutACall() public {
        uint32 recording = _three(200_000, 300_000, 500_000);
        uint256 due = _earn(recording, 0);
        vm.etch(ANN, LOOP);
        vm.etch(BOB, BOMB);
        vm.assertEq(ledger.withdraw(recording), due, "amount");
        vm.assertEq(token.balanceOf(ANN) + token.balanceOf(BOB) + token.balanceOf(CEM), due, "paid");
    }

    function test_ATokenThatBlocksEverybodyStopsNoWithdrawal() public {
        _over(address(new BlockingToken()));
        uint32 recording = _three(200_000, 300_000, 500_000);
        uint256 due = _earn(recording, 0);
        address[3] memory payees = [ANN, BOB, CEM];
        for (uint256 i = 0; i < payees.length; i++) {
            BlockingToken(address(token)).block_(payees[i], BlockingToken.Manner.BOMB);
        }
        uint256 before = gasleft();
        vm.assertEq(ledger.withdraw(recording), due, "amount");
        vm.assertTrue(before - gasleft() < 400_000, "gas");
        vm.assertEq(ledger.parked(ANN) + ledger.parked(BOB) + ledger.parked(CEM), due, "parked");
    }
}
