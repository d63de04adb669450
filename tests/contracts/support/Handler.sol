// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Registration} from "../../../contracts/interfaces/ICatalogue.sol";
import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BlockingToken} from "../tokens/OddTokens.sol";
import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// @notice Does what people may do to a ledger, in any order. Everything here has to succeed: what may not happen is asked
/// for and has to be refused.
contract Handler is Base {
    uint256 public constant RECORDINGS = 6;
    uint256 public constant PAYERS = 3;

    uint256 public funded;
    uint256 public settlements;
    uint256[PAYERS] internal nonces;
    address[] public holders;
    address[] public payers;

    uint256 internal acting;
    Order internal lastOrder;
    Attestation internal lastAttestation;

    constructor() {
        _makeOracles();
        _deploy(address(new BlockingToken()));
        vm.prank(admin);
        ledger.setReceivers(address(0xFEE), address(0xB00));
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
            Registration memory given = _registration();
            given.split = i % 2 == 0 ? split : 0;
            _register(given);
        }
        holders.push(owner);
    }

    function _key(uint256 who) internal pure returns (uint256) {
        return 9_000 + who;
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
        acting = _key(who);
        ledger.settle(order, _sign(acting, _digest(_orderHash(order))), given, _quorum(order, given));
        (lastOrder, lastAttestation) = (order, given);
        settlements++;
    }

    /// @dev Entries that consent now, the pool among them at times.
    function _entries(uint256 seed) private view returns (bytes memory entries) {
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

    function settleAgain() external {
        if (settlements == 0) return;
        Quorum memory quorum = _quorum(lastOrder, lastAttestation);
        bytes memory signature = _sign(acting, _digest(_orderHash(lastOrder)));
        vm.expectRevert();
        ledger.settle(lastOrder, signature, lastAttestation, quorum);
    }

    function withdraw(uint256 which) external {
        uint32 id = uint32(1 + which % RECORDINGS);
        uint256 due = ledger.recordings(id).unclaimed;
        require(ledger.withdraw(id) == due && ledger.recordings(id).unclaimed == 0, "not paid");
    }

    function withdrawAll() external {
        uint32[] memory ids = new uint32[](RECORDINGS);
        for (uint32 i = 0; i < RECORDINGS; i++) {
            ids[i] = i + 1;
        }
        ledger.withdrawMany(ids);
    }

    function withdrawNode() external {
        ledger.withdrawNode(node);
    }

    function withdrawParked(uint256 which) external {
        address holder = holders[which % holders.length];
        if (ledger.parked(holder) == 0) return;
        if (BlockingToken(address(token)).blocked(holder) != BlockingToken.Manner.NONE) {
            vm.prank(holder);
            ledger.withdrawParkedTo(address(0xE15E));
        } else {
            ledger.withdrawParked(holder);
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

    /// @notice Everything the ledger says that it owes.
    function owed() external view returns (uint256 total) {
        for (uint256 i = 0; i < PAYERS; i++) {
            total += ledger.accounts(payers[i]).escrow + ledger.accounts(payers[i]).protocolFees;
            total += ledger.accounts(payers[i]).pool;
        }
        for (uint32 id = 1; id <= RECORDINGS; id++) {
            total += ledger.recordings(id).unclaimed;
        }
        return total + ledger.nodeBalance(node) + _parked();
    }

    /// @notice Everything that has left the ledger.
    function paid() external view returns (uint256 total) {
        for (uint256 i = 0; i < PAYERS; i++) {
            total += token.balanceOf(payers[i]);
        }
        for (uint256 i = 0; i < holders.length; i++) {
            total += token.balanceOf(holders[i]);
        }
        total += token.balanceOf(node) + token.balanceOf(address(0xE15E));
        return total + token.balanceOf(address(0xFEE)) + token.balanceOf(address(0xB00));
    }

    function held() external view returns (uint256) {
        return token.balanceOf(address(ledger));
    }

    function _parked() internal view returns (uint256 total) {
        for (uint256 i = 0; i < holders.length; i++) {
            total += ledger.parked(holders[i]);
        }
    }
}
