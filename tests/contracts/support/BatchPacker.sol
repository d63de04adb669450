// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch} from "../../../contracts/interfaces/IBatches.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./Base.sol";

/// @notice The struct Batch from orders and attestations, as IBatches describes it.
abstract contract BatchPacker is Base {
    function _pack(Order[] memory orders, Attestation[] memory given, bytes[] memory signatures)
        internal
        pure
        returns (Batch memory batch)
    {
        batch.from = type(uint32).max;
        uint256[] memory payers = new uint256[](0);
        uint256[] memory nodes = new uint256[](0);
        uint256[] memory ids = new uint256[](0);
        for (uint256 i = 0; i < orders.length; i++) {
            if (given[i].generatedAt < batch.from) batch.from = given[i].generatedAt;
            batch.uses |= orders[i].use;
            payers = _insert(payers, uint160(orders[i].payer));
            nodes = _insert(nodes, uint160(given[i].node));
            ids = _insertAll(ids, given[i].entries);
        }
        (batch.payers, batch.nodes) = (_addresses(payers), _addresses(nodes));
        for (uint256 i = 0; i < ids.length; i++) {
            batch.recordings = abi.encodePacked(batch.recordings, uint32(ids[i]));
        }
        for (uint256 i = 0; i < orders.length; i++) {
            bytes memory who = abi.encodePacked(
                uint8(_indexOf(payers, uint160(orders[i].payer))), uint8(_indexOf(nodes, uint160(given[i].node)))
            );
            bytes memory head = _packHead(orders[i], given[i], who, batch.from);
            bytes memory entries = _packEntries(given[i].entries, ids);
            batch.generations = bytes.concat(batch.generations, head, entries, signatures[i]);
        }
    }

    function _packHead(Order memory order, Attestation memory given, bytes memory who, uint256 from)
        internal
        pure
        returns (bytes memory)
    {
        bytes memory prices =
            abi.encodePacked(uint48(order.maxPrice - given.price), uint48(given.price), uint48(given.nodeFee));
        bytes memory times = abi.encodePacked(uint32(order.nonce), uint32(order.deadline - given.generatedAt));
        bytes memory numbers = abi.encodePacked(
            uint32(given.generatedAt - from),
            uint8(order.tier),
            uint8(order.rule),
            uint8(order.use),
            uint8(given.entries.length / 8)
        );
        return bytes.concat(order.request, given.manifest, who, times, prices, numbers);
    }

    function _packEntries(bytes memory entries, uint256[] memory ids) internal pure returns (bytes memory packed) {
        uint256 next;
        for (uint256 at = 0; at < entries.length; at += 8) {
            (uint256 id, uint256 weight) = _entryAt(entries, at);
            uint256 index = _indexOf(ids, id);
            packed = abi.encodePacked(packed, uint32((weight - 1) << 12 | (index - next)));
            next = index + 1;
        }
    }

    function _entryAt(bytes memory entries, uint256 at) internal pure returns (uint256 id, uint256 weight) {
        for (uint256 i = 0; i < 4; i++) {
            id = id << 8 | uint8(entries[at + i]);
            weight = weight << 8 | uint8(entries[at + 4 + i]);
        }
    }

    function _insertAll(uint256[] memory sorted, bytes memory entries) private pure returns (uint256[] memory) {
        for (uint256 at = 0; at < entries.length; at += 8) {
            (uint256 id,) = _entryAt(entries, at);
            sorted = _insert(sorted, id);
        }
        return sorted;
    }

    // An ascending list with `value` inserted once at its place.
    function _insert(uint256[] memory sorted, uint256 value) private pure returns (uint256[] memory longer) {
        longer = new uint256[](sorted.length + 1);
        uint256 place;
        while (place < sorted.length && sorted[place] < value) {
            longer[place] = sorted[place];
            place++;
        }
        if (place < sorted.length && sorted[place] == value) return sorted;

        longer[place] = value;
        for (uint256 i = place; i < sorted.length; i++) {
            longer[i + 1] = sorted[i];
        }
    }

    function _indexOf(uint256[] memory sorted, uint256 value) private pure returns (uint256 index) {
        while (sorted[index] != value) index++;
    }

    function _addresses(uint256[] memory numbers) private pure returns (address[] memory found) {
        found = new address[](numbers.length);
        for (uint256 i = 0; i < numbers.length; i++) {
            found[i] = address(uint160(numbers[i]));
        }
    }
}
