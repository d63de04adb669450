// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITrainingPool} from "../../../contracts/interfaces/ITrainingPool.sol";
import {Pooled} from "../support/Pooled.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice The training pool before its first round and between its pages. See TrainingPool.tree.
contract RoundLimitsTest is Pooled {
    function test_RefusedForWhatIsNoContractWithItsAddress() public {
        bytes memory code = vm.getCode("TrainingPool.sol:TrainingPool");
        code = bytes.concat(code, abi.encode(address(1), PERIOD));
        bytes memory answer;
        assembly ("memory-safe") {
            pop(create(0, add(code, 0x20), mload(code)))
            answer := mload(0x40)
            mstore(0x40, add(add(answer, 0x20), and(add(returndatasize(), 0x1f), not(0x1f))))
            mstore(answer, returndatasize())
            returndatacopy(add(answer, 0x20), 0, returndatasize())
        }
        bytes4 bad = ITrainingPool.TrainingPool_NotALedger.selector;
        vm.assertEq(answer, abi.encodeWithSelector(bad, address(1)), "answer");
    }

    function test_TheFirstRoundMayOpenAtAnyTime() public view {
        vm.assertEq(pool.nextOpening(), 0, "first");
    }

    function test_ThereIsNoShareUntilAllAreCounted() public {
        token.mint(address(pool), 100);
        pool.open();
        vm.assertEq(_latest().share, 0, "share");
    }

    function test_OnlyTheLastPageClosesTheRound() public {
        token.mint(address(pool), 100);
        pool.open();
        vm.recordLogs();
        pool.count(10);
        pool.pay(1);
        vm.assertEq(_closings(), 0, "one is left");
        pool.pay(1);
        vm.assertEq(_closings(), 1, "none is left");
    }

    function test_APageWithoutMembersMovesNothing() public {
        _consenting(CONDITIONING);
        vm.warp(_now() + 1);
        token.mint(address(pool), 100);
        pool.open();
        pool.count(10);
        pool.pay(2);
        vm.recordLogs();
        pool.pay(1);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 2, "events");
        vm.assertEq(logs[0].topics[0], ITrainingPool.Paid.selector, "paid");
        vm.assertEq(logs[1].topics[0], ITrainingPool.RoundClosed.selector, "closed");
    }

    /// @dev 255 is the last recording of the first word of bits, 256 the first of the second.
    function test_MembersAreToldApartWhereAWordOfBitsEnds() public {
        bytes32[] memory hashes = new bytes32[](253);
        for (uint256 i = 0; i < hashes.length; i++) {
            hashes[i] = keccak256(abi.encode(i));
        }
        vm.prank(owner);
        ledger.registerBatch(_terms(), hashes, hashes, "");
        vm.assertEq(_consenting(CONDITIONING), 256, "the last");
        uint32 next = _consenting(TRAINING);
        vm.warp(_now() + 1);
        token.mint(address(pool), 1_000);
        pool.open();
        pool.count(300);
        vm.assertTrue(pool.isMember(254) && pool.isMember(255), "before");
        vm.assertEq(pool.isMember(256), false, "at it");
        vm.assertTrue(pool.isMember(next), "after");
    }

    function _closings() private returns (uint256 number) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].topics[0] == ITrainingPool.RoundClosed.selector) number++;
        }
    }
}
