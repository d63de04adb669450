// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue} from "../../../contracts/interfaces/ICatalogue.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {ITestLedger} from "../support/ITestLedger.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {HookToken, Hooked} from "../tokens/OddTokens.sol";

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

/// @notice An owner who offers a recording to somebody else while being paid for its sale.
contract Seller is Hooked {
    ITestLedger public immutable ledger;
    bool public wantsHook;
    uint32 private _recording;
    address private _accomplice;

    constructor(ITestLedger ledger_) {
        ledger = ledger_;
    }

    function sell(uint32 recording, address buyer, address accomplice) external {
        ledger.offer(recording, buyer);
        (_recording, _accomplice, wantsHook) = (recording, accomplice, true);
    }

    function onToken() external {
        if (wantsHook) ledger.offer(_recording, _accomplice);
    }
}

/// @notice Re-entering through a token that calls its holders. See Withdraw.tree, Fund.tree and Assign.tree.
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
        recording = _registerAs(address(intruder), _terms());
        vm.prank(address(intruder));
        ledger.offer(recording, owner);
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
        _notEntered(abi.encodeCall(IPayouts.withdrawFor, (payer)));
        _notEntered(abi.encodeCall(IPayouts.withdrawTo, (payer)));
        _notEntered(abi.encodeCall(IPayouts.withdrawWithSig, (payer, payer, 0, "")));
        _notEntered(abi.encodeCall(IPayouts.withdrawClaimed, (payer)));
        _notEntered(abi.encodeCall(IPayouts.reward, (ids, 1)));
        _notEntered(abi.encodeCall(INodes.withdrawNode, (node)));
        _notEntered(abi.encodeCall(IEscrow.fund, (payer, 1)));
        _notEntered(abi.encodeCall(IEscrow.fundWithPermit, (payer, 1, 0, 27, 0, 0)));
        _notEntered(abi.encodeCall(IEscrow.fundWithAuthorization, (payer, 1, 0, 0, 0, 27, 0, 0)));
        _notEntered(abi.encodeCall(IEscrow.exit, ()));
        _notEntered(abi.encodeCall(ICatalogue.accept, (recording, 0)));
        _notEntered(abi.encodeCall(ICatalogue.assign, (recording, 0)));
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

    function test_ATransferOfARecordingIsNotEntered() public {
        intruder.aim(abi.encodeCall(IPayouts.withdraw, (recording)));
        uint256 due = ledger.recordings(recording).unclaimed;
        uint256 before = token.balanceOf(address(intruder));
        vm.prank(owner);
        ledger.accept(recording, 0);
        vm.assertEq(intruder.tries(), 1, "tried");
        vm.assertEq(token.balanceOf(address(intruder)), before + due, "paid once");
    }

    function test_AnOfferDuringTheSaleIsDeleted() public {
        Seller seller = new Seller(ledger);
        uint32 sold = _registerAs(address(seller), _terms());
        _earn(sold, 1);
        seller.sell(sold, owner, address(intruder));
        vm.prank(owner);
        ledger.accept(sold, 0);
        vm.assertTrue(token.balanceOf(address(seller)) != 0, "paid");

        bytes4 reason = ICatalogue.Catalogue_NotOffered.selector;
        vm.expectRevert(abi.encodeWithSelector(reason, address(intruder), address(0)));
        vm.prank(address(intruder));
        ledger.accept(sold, 0);
        vm.assertEq(ledger.recordings(sold).owner, owner, "the buyer's");
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
