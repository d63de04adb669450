// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// @notice Settlements to dispute: the pool and two recordings, receivers for fee and pool, and everything that the
/// ledger owes.
abstract contract Disputed is Base {
    address internal immutable protocol = address(0xFEE);
    address internal immutable poolReceiver = address(0xB001);

    uint32 internal one;
    uint32 internal two;

    function setUp() public virtual override {
        super.setUp();
        _furnish();
    }

    function _furnish() internal {
        (one, two) = (_register(), _register());
        vm.prank(admin);
        ledger.setReceivers(protocol, poolReceiver);
    }

    /// @dev Pool 10 %, `one` 50 %, `two` 40 %.
    function _entries() internal view returns (bytes memory) {
        return bytes.concat(_entry(0, 100_000), _entry(one, 500_000), _entry(two, 400_000));
    }

    function _made(uint256 nonce) internal returns (Order memory order, Attestation memory given) {
        return _madeAt(nonce, PRICE, NODE_FEE);
    }

    function _madeAt(uint256 nonce, uint256 price, uint256 nodeFee)
        internal
        returns (Order memory order, Attestation memory given)
    {
        (order, given) = (_order(nonce), _attestation(_entries()));
        (given.price, given.nodeFee) = (price, nodeFee);
        _settle(order, given);
    }

    function _key(Order memory order, Attestation memory given) internal view returns (bytes32) {
        return _attestationHash(given, set, _orderHash(order));
    }

    function _freeze(Order memory order, Attestation memory given) internal returns (uint256) {
        vm.prank(court);
        return ledger.freeze(order, given, set);
    }

    function _release(Order memory order, Attestation memory given, bool reversed) internal {
        vm.prank(court);
        ledger.release(order, given, set, reversed);
    }

    function _sweep() internal {
        address[] memory payers = new address[](1);
        payers[0] = payer;
        ledger.sweep(payers);
    }

    /// @dev The protocol fee, and what pool, `one` and `two` get of a price.
    function _parts(uint256 price, uint256 nodeFee) internal pure returns (uint256[4] memory parts) {
        uint256 fee = price * PROTOCOL_BPS / 10_000;
        uint256 royalty = price - nodeFee - fee;
        uint256 upToOne = royalty * 600_000 / 1e6;
        parts = [fee, royalty / 10, upToOne - royalty / 10, royalty - upToOne];
    }

    function _held(uint32 recording) internal view returns (uint256) {
        return ledger.recordings(recording).unclaimed + ledger.recordings(recording).disputable;
    }

    function _heldNode(address who) internal view returns (uint256) {
        return ledger.nodeBalance(who) + ledger.nodeDisputable(who);
    }

    /// @dev Everything that the ledger owes, except what is frozen.
    function _owed() internal view returns (uint256) {
        uint256 account =
            ledger.accounts(payer).escrow + ledger.accounts(payer).protocolFees + ledger.accounts(payer).pool;
        uint256 fees = _heldNode(node) + _heldNode(protocol) + ledger.parked(payer);
        return account + fees + _held(0) + _held(one) + _held(two);
    }
}
