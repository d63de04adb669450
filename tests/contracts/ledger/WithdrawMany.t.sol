// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedgerBase} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {Odd} from "../support/Odd.sol";
import {vm} from "../support/Vm.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";

/// @notice Money out of many recordings. See Withdraw.tree.
contract WithdrawManyTest is Odd {
    address private constant OTHER = address(0x07);

    uint32[] internal ids;
    uint256 internal nonce;

    // Recordings 1 to 3 belong to the owner, 4 to another, and 5 has a table; each has earned the same.
    function setUp() public override {
        super.setUp();
        _over(address(new BlockingToken()));
        for (uint256 i = 0; i < 3; i++) {
            _register();
        }
        _registerAs(OTHER, _terms());
        _three(200_000, 300_000, 500_000);
        for (uint32 id = 1; id <= 5; id++) {
            _settle(_order(nonce++), _attestation(_entry(id, 1e6)));
        }
        _mature();
    }

    function _each() internal view returns (uint256) {
        return ledger.recordings(5).unclaimed;
    }

    function _expectRun(address payee, uint32 from, uint32 to) internal {
        uint32[] memory run = new uint32[](to - from + 1);
        uint256[] memory amounts = new uint256[](run.length);
        for (uint32 i = 0; i < run.length; i++) {
            (run[i], amounts[i]) = (from + i, _each());
        }
        vm.expectEmit(address(ledger));
        emit IPayouts.WithdrawnMany(payee, run, amounts);
    }

    function test_PaysAdjacentRecordingsOfOneOwnerAtOnce() public {
        ids = [uint32(1), 2, 3];
        uint256 due = 3 * _each();
        _expectRun(owner, 1, 3);
        vm.recordLogs();
        vm.assertEq(ledger.withdrawMany(ids), due, "amount");
        vm.assertEq(token.balanceOf(owner), due, "paid");
        vm.assertEq(vm.getRecordedLogs().length, 1, "one event");
    }

    function test_PaysSeveralRunsAndTables() public {
        ids = [uint32(1), 2, 4, 3, 5];
        uint256 each = _each();
        _expectRun(owner, 1, 2);
        _expectRun(OTHER, 4, 4);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(5, ANN, each * 2 / 10);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(5, BOB, each / 2 - each * 2 / 10);
        vm.expectEmit(address(ledger));
        emit IPayouts.Withdrawn(5, CEM, each - each / 2);
        _expectRun(owner, 3, 3);
        vm.assertEq(ledger.withdrawMany(ids), 5 * each, "amount");
        vm.assertEq(token.balanceOf(owner), 3 * each, "owner");
        vm.assertEq(token.balanceOf(OTHER), each, "other");
        vm.assertEq(token.balanceOf(ANN) + token.balanceOf(BOB) + token.balanceOf(CEM), each, "table");
    }

    function test_SkipsWhatIsUnknownEmptyOrRepeated() public {
        uint32 empty = _register();
        ids = [uint32(99), 1, 1, empty, 0, 2, type(uint32).max, 1];
        uint256 due = 2 * _each();
        _expectRun(owner, 1, 2);
        vm.assertEq(ledger.withdrawMany(ids), due, "amount");
        vm.assertEq(token.balanceOf(owner), due, "paid");
        vm.assertEq(ledger.withdrawMany(ids), 0, "again");
    }

    function test_PaysNothingForAnEmptyList() public {
        vm.recordLogs();
        vm.assertEq(ledger.withdrawMany(ids), 0, "amount");
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
    }

    function test_ARunThatTheTokenRefusesIsParkedAndTheOthersArePaid() public {
        ids = [uint32(1), 2, 4, 5];
        uint256 each = _each();
        BlockingToken(address(token)).block_(owner, BlockingToken.Manner.FALSE);
        BlockingToken(address(token)).block_(CEM, BlockingToken.Manner.BOMB);
        vm.expectEmit(address(ledger));
        emit ILedgerBase.Parked(owner, 2 * each);
        ledger.withdrawMany(ids);
        vm.assertEq(ledger.parked(owner), 2 * each, "run");
        vm.assertEq(ledger.parked(CEM), each - each / 2, "row");
        vm.assertEq(token.balanceOf(OTHER), each, "other");
    }

    /// @dev For any list in any order, amounts and payees equal those of single withdrawals.
    function testFuzz_PaysAsOneByOne(uint8[16] memory picks, uint256 length) public {
        for (uint256 i = 0; i < length % 17; i++) {
            ids.push(picks[i] % 8);
        }
        uint256 state = vm.snapshotState();
        uint256 total;
        for (uint256 i = 0; i < ids.length; i++) {
            total += ledger.withdraw(ids[i]);
        }
        bytes32 singly = _balances();
        vm.revertToState(state);
        vm.assertEq(ledger.withdrawMany(ids), total, "amount");
        vm.assertEq(_balances(), singly, "balances");
    }

    function _balances() private view returns (bytes32) {
        uint256[2] memory owners = [token.balanceOf(owner), token.balanceOf(OTHER)];
        uint256[3] memory rows = [token.balanceOf(ANN), token.balanceOf(BOB), token.balanceOf(CEM)];
        return keccak256(abi.encode(owners, rows, token.balanceOf(address(ledger))));
    }
}
