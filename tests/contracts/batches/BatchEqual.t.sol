// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BatchBase} from "../support/BatchBase.sol";
import {Vm, vm} from "../support/Vm.sol";

/// @notice Compares a batch with the same random generations settled one by one. See Batch.tree.
contract BatchEqualTest is BatchBase {
    uint256 private constant RECORDINGS = 6;

    address private constant IDLE = address(0x1D1E);

    /// @dev The reason why a generation could not be settled by itself; zero if it was settled.
    bytes4[] private reasons;

    function setUp() public override {
        super.setUp();
        vm.prank(admin);
        ledger.allowNode(IDLE, true);
        for (uint256 i = 2; i < RECORDINGS; i++) {
            Terms memory terms = _terms();
            if (i == 3) terms.uses = 5;
            if (i == 4) terms.maxShare = 3_000;
            _register(terms);
        }
        vm.warp(_now() + 5 days);
    }

    function testFuzz_ABatchMovesWhatSettlingSinglyMoves(uint256 seed) public {
        _prepare(seed);
        _compare(false);
    }

    function testFuzz_AListMovesWhatSettlingSinglyMoves(uint256 seed) public {
        _prepare(seed);
        for (uint256 i = 0; i < orders.length; i++) {
            (orders[i].payer, keys[i]) = (payer, payerKey);
        }
        _compare(true);
    }

    function _compare(bool listed) private {
        uint256 state = vm.snapshotState();
        delete reasons;
        for (uint256 i = 0; i < orders.length; i++) {
            try this.settleSinglyFromOutside(i) {
                reasons.push(0);
            } catch (bytes memory reason) {
                reasons.push(bytes4(reason));
            }
        }
        (bytes memory singly, bytes4[] memory why) = (_everything(), reasons);
        vm.revertToState(state);

        vm.recordLogs();
        if (listed) _settleList();
        else _settleBatch();
        _checkLogs(vm.getRecordedLogs(), why);
        vm.assertEq(_everything(), singly, "words");
    }

    function settleSinglyFromOutside(uint256 i) external {
        _settleSingly(i);
    }

    function _checkLogs(Vm.Log[] memory logs, bytes4[] memory why) private view {
        vm.assertEq(logs.length, orders.length + 1, "events");
        for (uint256 i = 0; i < orders.length; i++) {
            bytes32 kind = why[i] == 0 ? IBatches.SettledInBatch.selector : IBatches.Skipped.selector;
            vm.assertEq(logs[i].topics[0], kind, "kind");
            vm.assertEq(logs[i].topics[1], _orderHash(orders[i]), "order");
            if (why[i] != 0) vm.assertEq(logs[i].data, abi.encode(why[i]), "reason");
        }
        (uint32[] memory ids,) = abi.decode(logs[orders.length].data, (uint32[], uint256[]));
        vm.assertTrue(ids.length != 0, "credited");
    }

    // Every word that settling may change, read from storage.
    function _everything() private view returns (bytes memory all) {
        all = abi.encode(ledger.accounts(payer), ledger.accounts(vm.addr(OTHER_KEY)));
        for (uint32 id = 0; id <= RECORDINGS; id++) {
            all = bytes.concat(all, abi.encode(ledger.recordings(id)));
        }
        all = bytes.concat(
            all, abi.encode(ledger.nodeDisputable(node), ledger.nodeBalance(node), ledger.nodeSpent(node))
        );
        all = bytes.concat(all, abi.encode(ledger.nodeDisputable(IDLE), ledger.nodeSpent(IDLE)));
        for (uint256 nonce = 0; nonce < 80; nonce++) {
            bool other = ledger.isNonceUsed(vm.addr(OTHER_KEY), nonce);
            all = bytes.concat(all, abi.encodePacked(ledger.isNonceUsed(payer, nonce), other));
        }
    }

    // Some history, then generations that each have an obstacle now and then.
    function _prepare(uint256 seed) private {
        _forget();
        uint256 dice = uint256(keccak256(abi.encode(seed, "history")));
        if (dice % 2 == 0) _settleAll();
        vm.warp(_now() + dice % (2 * WINDOW));
        if (dice >> 16 & 3 == 0) _revoke(uint32(1 + (dice >> 24) % RECORDINGS));
        if (dice >> 32 & 3 == 0) _narrow(uint32(1 + (dice >> 40) % RECORDINGS));
        vm.warp(_now() + (dice >> 64) % 3 hours);
        for (uint256 i = 0; i < 2 + dice % 7; i++) {
            _generation(uint256(keccak256(abi.encode(seed, i))), i);
        }
    }

    function _settleAll() private {
        bytes memory entries = _entry(0, 200_000);
        for (uint256 id = 1; id <= RECORDINGS; id++) {
            entries = bytes.concat(entries, _entry(id, id == RECORDINGS ? 175_000 : 125_000));
        }
        _add(0, entries);
        _settleSingly(0);
        _forget();
    }

    function _revoke(uint32 id) private {
        vm.prank(owner);
        ledger.revoke(id);
    }

    function _narrow(uint32 id) private {
        vm.prank(owner);
        ledger.amend(id, 0, type(uint32).max, 1, 9_000);
    }

    function _generation(uint256 dice, uint256 i) private {
        uint256 back = (dice >> 8) % 5;
        uint256 made = _now() - (back == 0 ? (dice >> 16) % 4 hours : back == 1 ? MAX_LAG + 1 - dice % 2 : 0);
        uint256 nonce = (dice >> 32) % 9 == 0 ? (dice >> 40) % 75 : 1 + i;
        bool other = (dice >> 48) % 3 == 0;
        _add(nonce, _entries(dice, made));
        (attestations[i].generatedAt, orders[i].deadline) = (made, made + (dice >> 56) % 1 days);
        (orders[i].use, orders[i].tier) = ((dice >> 64) % 4 == 0 ? 1 : 5, (dice >> 72) % 256);
        if (other) (orders[i].payer, keys[i]) = (vm.addr(OTHER_KEY), OTHER_KEY);
        if ((dice >> 80) % 5 == 0) attestations[i].node = (dice >> 88) % 2 == 0 ? IDLE : address(0xBAD);
        uint256 price = (dice >> 96) % 4 == 0 ? (dice >> 104) % (ESCROW / 2) : (dice >> 104) % 3e6;
        attestations[i].price = price;
        attestations[i].nodeFee = price * ((dice >> 160) % (NODE_CAP_BPS + 1)) / 10_000;
        orders[i].maxPrice = price + (dice >> 176) % 1e6;
        orders[i].request = bytes32(dice);
        attestations[i].manifest = keccak256(abi.encode(dice));
    }

    function _entries(uint256 dice, uint256 salt) private pure returns (bytes memory entries) {
        uint256 left = 1_000_000;
        dice = uint256(keccak256(abi.encode(dice, salt)));
        for (uint32 id = 0; id <= RECORDINGS && left > 0; id++) {
            if (dice >> id & 1 == 0 && id != RECORDINGS) continue;

            uint256 weight = id == RECORDINGS || dice >> (16 + id) & 3 == 0 ? left : 1 + (dice >> 32) % left;
            entries = bytes.concat(entries, abi.encodePacked(id, uint32(weight)));
            left -= weight;
        }
    }
}
