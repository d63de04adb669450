// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountView} from "../../../contracts/interfaces/IEscrow.sol";
import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {BlockingToken, FeeToken, SilentToken} from "../tokens/OddTokens.sol";

/// @notice Tokens that deviate from the standard. See Withdraw.tree and Fund.tree.
contract OddTokensTest is Odd {
    function _blocked(BlockingToken.Manner manner) internal returns (uint32 recording, uint256 due) {
        BlockingToken currency = new BlockingToken();
        _over(address(currency));
        recording = _three(200_000, 300_000, 500_000);
        due = _earn(recording, 0);
        currency.block_(BOB, manner);
    }

    function _parks(BlockingToken.Manner manner) internal {
        (uint32 recording, uint256 due) = _blocked(manner);
        uint256 upToAnn = due * 2 / 10;
        uint256 part = due / 2 - upToAnn;
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(BOB, part);
        vm.assertEq(ledger.withdraw(recording), due, "amount");
        vm.assertEq(token.balanceOf(ANN), upToAnn, "ann");
        vm.assertEq(token.balanceOf(BOB), 0, "bob");
        vm.assertEq(token.balanceOf(CEM), due - due / 2, "cem");
        vm.assertEq(ledger.parked(BOB), part, "parked");

        vm.expectRevert();
        ledger.withdrawFor(BOB);
        BlockingToken(address(token)).block_(BOB, BlockingToken.Manner.NONE);
        vm.expectEmit(address(ledger));
        emit IPayouts.ParkedWithdrawn(BOB, BOB, part);
        vm.assertEq(ledger.withdrawFor(BOB), part, "unparked");
        vm.assertEq(token.balanceOf(BOB), part, "bob, later");
    }

    function test_ParksWhatIsRefusedByReverting() public {
        _parks(BlockingToken.Manner.REVERT);
    }

    function test_ParksWhatIsRefusedByAnsweringFalse() public {
        _parks(BlockingToken.Manner.FALSE);
    }

    function test_ParksWhatIsRefusedAtGreatLength() public {
        _parks(BlockingToken.Manner.BOMB);
    }

    function test_LittleGasCannotParkWhatCouldBePaid() public {
        _over(address(new BlockingToken()));
        uint32 recording = _three(200_000, 300_000, 500_000);
        _earn(recording, 0);
        for (uint256 gas_ = 30_000; gas_ < 300_000; gas_ += 1_500) {
            uint256 state = vm.snapshotState();
            (bool ok,) = address(ledger).call{gas: gas_}(abi.encodeCall(IPayouts.withdraw, (recording)));
            vm.assertEq(ledger.parked(ANN) + ledger.parked(BOB) + ledger.parked(CEM), 0, ok ? "paid" : "reverted");
            vm.revertToState(state);
        }
    }

    function test_ATokenThatAnswersNothingIsTakenAndPaid() public {
        _over(address(new SilentToken()));
        uint32 recording = _register();
        uint256 due = _earn(recording, 0);
        ledger.withdraw(recording);
        vm.assertEq(token.balanceOf(owner), due, "owner");
        vm.assertEq(ledger.withdrawNode(node), NODE_FEE, "node");
    }

    function test_ATokenThatKeepsAPartIsCreditedAsItArrives() public {
        _over(address(new FeeToken()));
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - ESCROW / 100, "escrow");
        uint32 recording = _register();
        uint256 due = _earn(recording, 0);
        ledger.withdraw(recording);
        vm.assertEq(token.balanceOf(owner), due - due / 100, "owner");

        ledger.withdrawNode(node);
        AccountView memory account = ledger.accounts(payer);
        uint256 owed = account.escrow + account.protocolFees + account.pool;
        vm.assertEq(token.balanceOf(address(ledger)), owed, "held");
    }
}
