// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {FeeToken} from "../tokens/OddTokens.sol";

/// @notice Money for recordings from anybody. See Reward.tree.
contract RewardTest is Odd {
    uint256 private constant MOST = type(uint56).max;

    uint32[] internal ids;

    function setUp() public override {
        super.setUp();
        ids.push(_register());
        ids.push(_register());
    }

    function _purse(uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
    }

    function test_CreditsEachAndItIsDueAtOnce() public {
        _purse(200);
        vm.expectEmit(address(ledger));
        emit IPayouts.Rewarded(address(this), ids, 100);
        ledger.reward(ids, 100);
        vm.assertEq(ledger.recordings(ids[0]).unclaimed, 100, "one");
        vm.assertEq(ledger.recordings(ids[1]).unclaimed, 100, "two");
        vm.assertEq(token.balanceOf(address(this)), 0, "purse");
        vm.assertEq(ledger.withdrawMany(ids), 200, "withdrawn");
    }

    function test_ARepeatIsCreditedTwice() public {
        ids[1] = ids[0];
        _purse(200);
        ledger.reward(ids, 100);
        vm.assertEq(ledger.recordings(ids[0]).unclaimed, 200, "credited");
    }

    function test_LeavesWhatIsDisputableAndConsentAlone() public {
        _settle(_order(0), _attestation(_entry(ids[0], 1e6)));
        uint256 open = ledger.recordings(ids[0]).disputable;
        _purse(200);
        ledger.reward(ids, 100);
        vm.assertEq(ledger.recordings(ids[0]).disputable, open, "disputable");
        vm.assertEq(ledger.recordings(ids[0]).maxShare, 10_000, "consent");
    }

    function test_RefusedForAnUnknownRecording() public {
        _purse(400);
        ids.push(77);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_UnknownRecording.selector, 77));
        ledger.reward(ids, 100);
        ids[2] = 0;
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_UnknownRecording.selector, 0));
        ledger.reward(ids, 100);
    }

    function test_RefusedWithoutTheMoney() public {
        _purse(199);
        vm.expectRevert();
        ledger.reward(ids, 100);
    }

    function test_RefusedWhenLessArrivesThanIsCredited() public {
        _deploy(address(new FeeToken()));
        (ids[0], ids[1]) = (_register(), _register());
        _purse(200);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_FellShort.selector, 198, 200));
        ledger.reward(ids, 100);
    }

    function test_RefusedWhenARecordingsWordIsFull() public {
        _purse(4 * MOST);
        ledger.reward(ids, MOST);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_RecordingFull.selector, ids[0], 1));
        ledger.reward(ids, 1);
        ledger.withdraw(ids[0]);
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_RecordingFull.selector, ids[1], 1));
        ledger.reward(ids, 1);
    }

    function test_RefusedWhenTheSumRunsOver() public {
        vm.expectRevert(abi.encodeWithSelector(IPayouts.Payouts_RecordingFull.selector, ids[0], 1 << 255));
        ledger.reward(ids, 1 << 255);
    }

    function test_RefusedWhenAFullWordMatures() public {
        _purse(2 * MOST);
        ledger.reward(ids, MOST);
        _settle(_order(0), _attestation(_entry(ids[0], 1e6)));
        uint256 earned = ledger.recordings(ids[0]).disputable;
        _mature();
        // More has matured than its field holds; it can be withdrawn, and settling works again after that.
        vm.assertEq(ledger.recordings(ids[0]).unclaimed, MOST + earned, "unclaimed");
        vm.expectRevert();
        ledger.reward(ids, 0);
        vm.assertEq(ledger.withdraw(ids[0]), MOST + earned, "withdrawn");
        _settle(_order(1), _attestation(_entry(ids[0], 1e6)));
    }
}
