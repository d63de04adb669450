// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Registration} from "../../contracts/interfaces/ICatalogue.sol";
import {AccountView, IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../contracts/interfaces/INodes.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {Odd} from "./support/Odd.sol";
import {vm} from "./support/Vm.sol";
import {BlockingToken, FeeToken, HookToken, Hooked, SilentToken} from "./tokens/OddTokens.sol";

/// @notice Tokens that do not do as they should. See Withdraw.tree and Escrow.tree.
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
        emit IPayouts.Parked(recording, BOB, part);
        vm.assertEq(ledger.withdraw(recording), due, "amount");
        vm.assertEq(token.balanceOf(ANN), upToAnn, "ann");
        vm.assertEq(token.balanceOf(BOB), 0, "bob");
        vm.assertEq(token.balanceOf(CEM), due - due / 2, "cem");
        vm.assertEq(ledger.parked(BOB), part, "parked");

        vm.expectRevert();
        ledger.withdrawParked(BOB);
        BlockingToken(address(token)).block_(BOB, BlockingToken.Manner.NONE);
        vm.expectEmit(address(ledger));
        emit IPayouts.ParkedWithdrawn(BOB, part);
        vm.assertEq(ledger.withdrawParked(BOB), part, "unparked");
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

    function test_PaysParkedMoneyWhereTheHolderSays() public {
        (uint32 recording,) = _blocked(BlockingToken.Manner.REVERT);
        ledger.withdraw(recording);
        uint256 part = ledger.parked(BOB);
        uint256 before = token.balanceOf(CEM);
        vm.prank(BOB);
        ledger.withdrawParkedTo(CEM);
        vm.assertEq(ledger.parked(BOB), 0, "parked");
        vm.assertEq(token.balanceOf(CEM), before + part, "cem");
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

        AccountView memory account = ledger.accounts(payer);
        uint256 owed = account.escrow + account.protocolFees + account.pool + ledger.nodeBalance(node);
        vm.assertEq(token.balanceOf(address(ledger)), owed, "held");
    }
}

/// @notice A payee and payer whom the token calls, and who calls back.
contract Intruder is Hooked {
    address public immutable target;
    bytes public call;
    bool public wantsHook;
    uint256 public tries;

    constructor(address target_) {
        target = target_;
    }

    function aim(bytes calldata call_) external {
        call = call_;
        wantsHook = true;
    }

    function onToken() external {
        if (!wantsHook) return;
        tries++;
        (bool ok, bytes memory reason) = target.call(call);
        require(!ok && bytes4(reason) == bytes4(keccak256("Holdings_Reentered()")), "entered");
    }
}

/// @notice Re-entering through a token that calls its holders.
contract ReentrancyTest is Odd {
    Intruder internal intruder;
    uint32 internal recording;

    function setUp() public override {
        super.setUp();
        _deploy(address(new HookToken()));
        intruder = new Intruder(address(ledger));
        token.mint(address(intruder), 2 * ESCROW);
        vm.startPrank(address(intruder));
        token.approve(address(ledger), type(uint256).max);
        ledger.fund(payer, ESCROW);
        vm.stopPrank();
        Registration memory given = _registration();
        given.owner = address(intruder);
        recording = _register(given);
        _earn(recording, 0);
    }

    function test_AWithdrawalIsNotEnteredAgain() public {
        intruder.aim(abi.encodeCall(IPayouts.withdraw, (recording)));
        uint256 due = ledger.recordings(recording).unclaimed;
        uint256 before = token.balanceOf(address(intruder));
        ledger.withdraw(recording);
        vm.assertEq(intruder.tries(), 1, "tried");
        vm.assertEq(token.balanceOf(address(intruder)), before + due, "paid once");
    }

    function test_NothingThatMovesMoneyIsEnteredAgain() public {
        uint32[] memory ids = new uint32[](1);
        ids[0] = recording;
        _notEntered(abi.encodeCall(IPayouts.withdrawMany, (ids)));
        _notEntered(abi.encodeCall(IPayouts.withdrawParked, (payer)));
        _notEntered(abi.encodeCall(IPayouts.withdrawParkedTo, (payer)));
        _notEntered(abi.encodeCall(INodes.withdrawNode, (node)));
        _notEntered(abi.encodeCall(IEscrow.fund, (payer, 1)));
        _notEntered(abi.encodeCall(IEscrow.fundWithPermit, (payer, 1, 0, 27, 0, 0)));
        _notEntered(abi.encodeCall(IEscrow.exit, ()));
        _notEntered(abi.encodeCall(IEscrow.sweep, (new address[](0))));
    }

    function _notEntered(bytes memory call) internal {
        uint256 state = vm.snapshotState();
        intruder.aim(call);
        uint256 due = ledger.recordings(recording).unclaimed;
        uint256 before = token.balanceOf(address(intruder));
        ledger.withdraw(recording);
        vm.assertEq(intruder.tries(), 1, "tried");
        vm.assertEq(token.balanceOf(address(intruder)), before + due, "paid once");
        vm.revertToState(state);
    }

    function test_AWithdrawalIsNotEnteredFromFunding() public {
        intruder.aim(abi.encodeCall(IPayouts.withdraw, (recording)));
        vm.prank(address(intruder));
        ledger.fund(payer, 100);
        vm.assertEq(intruder.tries(), 1, "tried");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE + 100, "escrow");
    }

    function test_FundingIsNotCountedTwice() public {
        intruder.aim(abi.encodeWithSignature("fund(address,uint256)", payer, 100));
        vm.prank(address(intruder));
        ledger.fund(payer, 100);
        vm.assertEq(intruder.tries(), 1, "tried");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - PRICE + 100, "escrow");
    }
}
