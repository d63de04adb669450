// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue} from "../../../contracts/interfaces/ICatalogue.sol";
import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Consenting} from "../support/Consenting.sol";
import {vm} from "../support/Vm.sol";

/// @notice Compares random histories of one consent with a plain list of intervals. See Consent.tree.
contract ConsentTimelineTest is Consenting {
    struct Interval {
        uint256 from;
        uint256 until;
        uint256 uses;
        uint256 share;
    }

    /// @dev A track that somebody tried to settle, and whether it settled.
    struct Probe {
        uint256 made;
        uint256 asked;
        uint256 use;
        uint256 weight;
        bool settled;
    }

    uint256 private constant STEPS = 10;

    uint32 internal recording;
    uint32 internal other;
    Interval[] internal list;
    Probe[] internal probes;

    function setUp() public override {
        super.setUp();
        other = _register();
    }

    /// forge-config: default.fuzz.runs = 128
    function testFuzz_AgainstAListOfIntervals(uint256 seed) public {
        list.push(_interval(uint256(keccak256(abi.encode(seed)))));
        Interval storage first = list[0];
        if (first.until <= first.from || first.until <= _now()) first.until = first.from + 1 days;
        recording = _window(first.from, first.until);
        if (first.from < _now()) first.from = _now();
        (first.uses, first.share) = (15, 10_000);

        for (uint256 i = 0; i < STEPS; i++) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            _step(seed);
        }
        _again();
    }

    function _step(uint256 dice) private {
        uint256 kind = dice % 8;
        if (kind < 3) vm.warp(_now() + _gap(dice >> 8));
        else if (kind < 5) _change(_interval(dice >> 8));
        else if (kind == 5) _end();
        _ask(dice >> 128);
    }

    // Nothing, a second, some hours, or a step of about maxLag: so there are equal times, and windows older than a
    // settlement.
    function _gap(uint256 dice) private pure returns (uint256) {
        if (dice % 4 == 0) return dice >> 8 & 1;
        if (dice % 4 == 1) return MAX_LAG - 1 + (dice >> 8) % 4;
        return (dice >> 8) % 1 days;
    }

    // Begins and ends around now; a fifth of the windows are invalid.
    function _interval(uint256 dice) private view returns (Interval memory) {
        uint256 from = _now() - 2 hours + dice % 6 hours;
        if (dice % 4 == 0) from = _now() + dice / 4 % 2;
        uint256 until = from + 1 + (dice >> 32) % 2 days;
        if (from < _now() && until <= _now()) until = _now() + 1 + (dice >> 32) % 2;
        if (dice % 19 == 0) until = _now();
        return Interval(from, until, 1 + (dice >> 64) % 15, 1 + (dice >> 80) % 10_000);
    }

    function _change(Interval memory next) private {
        uint256 time = _now();
        if (next.from < time) next.from = time;
        Interval storage present = list[list.length - 1];
        bool begun = present.from <= time;
        uint256 closed = list.length > 1 ? list[list.length - 2].until : 0;

        bytes memory refusal;
        if (begun && closed + MAX_LAG >= time) {
            bytes4 lately = ICatalogue.Catalogue_ChangedLately.selector;
            refusal = abi.encodeWithSelector(lately, closed, closed + MAX_LAG + 1);
        }
        if (next.from >= next.until) {
            bytes4 empty = ICatalogue.Catalogue_EmptyWindow.selector;
            refusal = abi.encodeWithSelector(empty, next.from, next.until);
        }
        if (refusal.length != 0) vm.expectRevert(refusal);
        _amend(recording, next.from, next.until, next.uses, next.share);
        if (refusal.length != 0) return;

        if (!begun) list.pop();
        else if (present.until > time) present.until = time;
        list.push(next);
    }

    function _end() private {
        _revoke(recording);
        Interval storage present = list[list.length - 1];
        if (present.until > _now()) present.until = _now();
    }

    // A track made within maxLag: now, a second ago, or at any time before.
    function _ask(uint256 dice) private {
        uint256 ago = dice % 3 == 2 ? (dice >> 8) % (MAX_LAG + 1) : dice % 3;
        Probe memory probe = Probe(_now() - ago, _now(), 1 + (dice >> 64) % 15, 1 + (dice >> 72) % 999_999, false);
        if (dice >> 100 & 1 == 0) (probe.use, probe.weight) = (1, 1);
        probe.settled = _tried(probe);
        vm.assertEq(probe.settled, _permitted(probe), "as it stood when asked");
        probes.push(probe);
    }

    // Later changes make no difference, unless they come in the same second as the making.
    function _again() private {
        for (uint256 i = 0; i < probes.length; i++) {
            Probe memory probe = probes[i];
            if (_now() - probe.made > MAX_LAG) continue;
            bool settled = _tried(probe);
            vm.assertEq(settled, _permitted(probe), "as it stands at the end");
            if (probe.made < probe.asked) vm.assertEq(settled, probe.settled, "either order");
        }
    }

    function _permitted(Probe memory probe) private view returns (bool found) {
        for (uint256 i = 0; i < list.length; i++) {
            Interval storage one = list[i];
            bool inTime = one.from <= probe.made && probe.made < one.until;
            bool allowed = one.uses & probe.use == probe.use && probe.weight <= one.share * 100;
            if (inTime && allowed) found = true;
        }
    }

    function _tried(Probe memory probe) private returns (bool settled) {
        uint256 state = vm.snapshotState();
        Order memory order = _order(0);
        order.use = probe.use;
        Attestation memory given =
            _attestation(bytes.concat(_entry(other, 1e6 - probe.weight), _entry(recording, probe.weight)));
        given.generatedAt = probe.made;
        bytes memory signature = _signOrder(order);
        Quorum memory quorum = _quorum(order, given);
        try ledger.settle(order, signature, given, quorum) {
            settled = true;
        } catch {}
        vm.revertToState(state);
    }
}
