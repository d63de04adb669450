// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";
import {Store} from "./Store.sol";
import {vm} from "./Vm.sol";

/// @notice Performs random actions of users on a ledger. Every action here has to succeed; forbidden actions are tried
/// too and have to revert.
contract Handler is Store {
    constructor() {
        _makeOracles();
        _deploy(address(new BlockingToken()));
        vm.prank(admin);
        ledger.setReceivers(FEES, POOL);
        for (uint256 i = 0; i < PAYERS; i++) {
            payers.push(vm.addr(_key(i)));
        }
        _makeRecordings();
    }

    function setUp() public override {}

    function _makeRecordings() private {
        holders.push(address(0xA1));
        holders.push(address(0xB2));
        holders.push(address(0xC3));
        uint32[] memory shares = new uint32[](3);
        (shares[0], shares[1], shares[2]) = (333_333, 333_333, 333_334);
        uint32 split = splits.create(holders, shares);
        for (uint256 i = 0; i < RECORDINGS; i++) {
            Terms memory terms = _terms();
            terms.split = i % 2 == 0 ? split : 0;
            _register(terms);
        }
        holders.push(owner);
    }

    function pass(uint256 time) external {
        vm.warp(_now() + _bound(time, 0, 2 * WINDOW));
    }

    function fund(uint256 who, uint256 amount) public {
        amount = _bound(amount, 0, 1e12);
        _fund(payers[who % PAYERS], amount);
        funded += amount;
    }

    function settle(uint256 who, uint256 price, uint256 seed) external {
        who = who % PAYERS;
        bytes memory entries = _entries(seed);
        if (ledger.paused() || entries.length == 0) return;
        if (ledger.accounts(payers[who]).escrow == 0) fund(who, seed);
        (uint256 escrow, uint256 most) = (ledger.accounts(payers[who]).escrow, 1e10);
        Order memory order = _order(nonces[who]++);
        order.payer = payers[who];
        order.maxPrice = _bound(price, 0, escrow < most ? escrow : most);
        Attestation memory given = _attestation(entries);
        given.price = order.maxPrice;
        given.nodeFee = _bound(seed >> 128, 0, given.price * NODE_CAP_BPS / 10_000);
        _settleAndCount(order, _sign(_key(who), _digest(_orderHash(order))), given);
    }

    /// @dev Entries of recordings that consent now, sometimes including the pool.
    function _entries(uint256 seed) internal view returns (bytes memory entries) {
        uint256[] memory ids = new uint256[](RECORDINGS + 1);
        uint256 count;
        if (seed % 2 == 0) count++;
        for (uint32 id = 1; id <= RECORDINGS; id++) {
            bool open = ledger.recordings(id).consentUntil > _now();
            if (open && seed >> id & 1 == 1) ids[count++] = id;
        }
        uint256 left = 1e6;
        for (uint256 i = 0; i < count; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 weight = i + 1 == count ? left : 1 + seed % (left - (count - i - 1));
            left -= weight;
            entries = bytes.concat(entries, _entry(ids[i], weight));
        }
    }

    /// @dev Freezes the last settlement, once, while this is possible; rules on it the next time.
    function dispute(bool reversed) external {
        if (settlements == 0 || lastAttestation.price == 0) return;
        bytes32 stated = _attestationHash(lastAttestation, set, _orderHash(lastOrder));
        bool known = frozenOnes.length != 0 && frozenOnes[frozenOnes.length - 1] == stated;
        if (!known && _now() >= lastAttestation.generatedAt + WINDOW) return;
        if (known && ledger.frozen(stated) == 0) return;
        vm.startPrank(court);
        if (known) ledger.release(lastOrder, lastAttestation, set, reversed);
        else ledger.freeze(lastOrder, lastAttestation, set);
        vm.stopPrank();
        if (!known) frozenOnes.push(stated);
    }

    function withdraw(uint256 which) external {
        uint32 id = uint32(which % (RECORDINGS + 1));
        uint256 due = ledger.recordings(id).unclaimed;
        require(ledger.withdraw(id) == due && ledger.recordings(id).unclaimed == 0, "not paid");
        if (ledger.paused()) withdrawnWhilePaused += due;
    }

    function withdrawAll() external {
        uint32[] memory ids = new uint32[](RECORDINGS + 2);
        for (uint32 i = 0; i < ids.length; i++) {
            ids[i] = i;
        }
        ledger.withdrawMany(ids);
    }

    function withdrawNode(bool fees) external {
        ledger.withdrawNode(fees ? FEES : node);
    }

    function withdrawParked(uint256 which) external {
        address holder = holders[which % holders.length];
        if (ledger.parked(holder) == 0) return;
        if (BlockingToken(address(token)).blocked(holder) != BlockingToken.Manner.NONE) {
            vm.prank(holder);
            ledger.withdrawTo(ELSEWHERE);
        } else {
            ledger.withdrawFor(holder);
        }
    }

    function blockHolder(uint256 which, uint8 manner) external {
        BlockingToken currency = BlockingToken(address(token));
        currency.block_(holders[which % holders.length], BlockingToken.Manner(manner % 4));
    }

    function sweep() external {
        ledger.sweep(payers);
    }

    function leave(uint256 who) external {
        if (who % 4 != 0) return;
        vm.startPrank(payers[who % PAYERS]);
        ledger.requestExit();
        vm.warp(_now() + ledger.EXIT_DELAY());
        ledger.exit();
        vm.stopPrank();
    }

    function revoke(uint256 which) external {
        if (which % 8 != 0) return;
        vm.prank(owner);
        ledger.revoke(uint32(1 + (which >> 8) % RECORDINGS));
    }

    function pauseOrUnpause(uint256 dice) external {
        if (ledger.paused()) {
            vm.prank(admin);
            ledger.unpause();
        } else if (dice % 4 == 0) {
            vm.prank(guardian);
            ledger.pause();
        }
    }
}
