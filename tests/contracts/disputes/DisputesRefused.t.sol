// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Money that is not where an attestation says, and money that does not fit back. See Disputes.tree.
contract DisputesRefusedTest is Disputed {
    uint256 private constant MOST_MATURED = type(uint56).max;

    // The slot after the two arrays of the ledger's state.
    uint256 private constant FIRST_SLOT = 2 ** 33;

    function _refuseFreeze(Order memory order, Attestation memory given, bytes memory reason) private {
        uint256 before = _owed();
        vm.prank(court);
        vm.expectRevert(reason);
        ledger.freeze(order, given, set);
        vm.assertEq(_owed(), before, "owed");
    }

    function _refuseRelease(Order memory order, Attestation memory given, bytes memory reason) private {
        vm.prank(court);
        vm.expectRevert(reason);
        ledger.release(order, given, set, false);
        vm.assertEq(ledger.frozen(_key(order, given)), given.price, "frozen");
    }

    /// @dev No more can mature in that word's bucket; years of settlements would fill it too.
    function _fill(uint256 slot) private {
        uint256 word = uint256(vm.load(address(ledger), bytes32(slot)));
        vm.store(address(ledger), bytes32(slot), bytes32(word | MOST_MATURED));
    }

    function _slotOfNode() private view returns (uint256 slot) {
        uint256 base = FIRST_SLOT;
        do {
            slot = uint256(keccak256(abi.encode(node, base++)));
        } while (vm.load(address(ledger), bytes32(slot)) == 0);
    }

    /// @dev All of them were frozen, which does not change the epoch.
    function _slotOfFees() private view returns (uint256 slot) {
        bytes32 word = bytes32(uint256(uint16(_now() / WINDOW)) << 152);
        slot = FIRST_SLOT;
        while (vm.load(address(ledger), bytes32(slot)) != word) slot++;
    }

    function test_RefusedWhenARecordingDoesNotHoldIt() public {
        uint32 third = _register();
        (Order memory order, Attestation memory given) = _made(0);
        given.entries = bytes.concat(_entry(one, 400_000), _entry(third, 600_000));
        uint256 royalty = PRICE - NODE_FEE - _parts(PRICE, NODE_FEE)[0];
        uint256 part = royalty - royalty * 400_000 / 1e6;
        _refuseFreeze(order, given, abi.encodeWithSelector(IDisputes.Disputes_NotHeld.selector, third, part));
    }

    function test_RefusedWhenTheNodeDoesNotHoldItsFee() public {
        (Order memory order, Attestation memory given) = _made(0);
        given.node = address(0x0DE2);
        bytes4 bad = IDisputes.Disputes_FeeNotHeld.selector;
        _refuseFreeze(order, given, abi.encodeWithSelector(bad, given.node, NODE_FEE));
    }

    /// @dev Another payer's settlement brought the rest, but its fee has not been swept.
    function test_RefusedWhenTheProtocolDoesNotHoldItsFee() public {
        uint256 key = 4_711;
        (Order memory order, Attestation memory given) = _made(0);
        Order memory other = _order(0);
        other.payer = vm.addr(key);
        other.maxPrice = 3 * PRICE;
        _fund(other.payer, ESCROW);
        given.entries = bytes.concat(_entry(one, 600_000), _entry(two, 400_000));
        (given.price, given.nodeFee) = (3 * PRICE, 3 * NODE_FEE);
        ledger.settle(other, _sign(key, _digest(_orderHash(other))), given, _quorum(other, given));

        (given.price, given.nodeFee) = (2 * PRICE, 2 * NODE_FEE);
        uint256 fee = _parts(2 * PRICE, 0)[0];
        _refuseFreeze(order, given, abi.encodeWithSelector(IDisputes.Disputes_FeeNotHeld.selector, protocol, fee));
    }

    function test_WaitsUntilARecordingHasRoom() public {
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        uint256 part = _parts(PRICE, NODE_FEE)[3];
        uint256 most = MOST_MATURED - part + 1;
        token.mint(address(this), most);
        token.approve(address(ledger), most);
        uint32[] memory ids = new uint32[](1);
        ids[0] = two;
        ledger.reward(ids, most);
        _refuseRelease(order, given, abi.encodeWithSelector(IDisputes.Disputes_NoRoom.selector, two, part));

        ledger.withdraw(two);
        _release(order, given, false);
        vm.assertEq(ledger.withdraw(two), part, "two");
    }

    function test_WaitsUntilTheNodeHasRoom() public {
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        _fill(_slotOfNode());
        vm.assertEq(ledger.nodeBalance(node), MOST_MATURED, "full");
        bytes4 bad = IDisputes.Disputes_NoRoomForFee.selector;
        _refuseRelease(order, given, abi.encodeWithSelector(bad, node, NODE_FEE));

        token.mint(address(ledger), MOST_MATURED);
        ledger.withdrawNode(node);
        _release(order, given, false);
        vm.assertEq(ledger.withdrawNode(node), NODE_FEE, "node");
    }

    function test_WaitsUntilTheProtocolHasRoom() public {
        (Order memory order, Attestation memory given) = _made(0);
        _freeze(order, given);
        _fill(_slotOfFees());
        vm.assertEq(ledger.nodeBalance(protocol), MOST_MATURED, "full");
        bytes4 bad = IDisputes.Disputes_NoRoomForFee.selector;
        uint256 fee = _parts(PRICE, NODE_FEE)[0];
        _refuseRelease(order, given, abi.encodeWithSelector(bad, protocol, fee));

        token.mint(address(ledger), MOST_MATURED);
        ledger.withdrawNode(protocol);
        _release(order, given, false);
        vm.assertEq(ledger.withdrawNode(protocol), fee, "fees");
    }
}
