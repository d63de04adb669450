// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch} from "../../../contracts/interfaces/IBatches.sol";
import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BatchPacker} from "./BatchPacker.sol";
import {vm} from "./Vm.sol";

/// @notice Generations that are collected, then settled together or one by one.
abstract contract BatchBase is BatchPacker {
    bytes32 internal constant ORDERS = keccak256(
        "Orders(Order[] orders)Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,uint256 use,uint256 rule,uint256 deadline)"
    );
    bytes32 internal constant BATCH = keccak256(
        "Batch(Attestation[] attestations)Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );

    uint256 internal constant OTHER_KEY = 4_711;

    /// @dev The next batch: its orders, their signers, and what the oracles attest.
    Order[] internal orders;
    uint256[] internal keys;
    Attestation[] internal attestations;

    uint32 internal first;
    uint32 internal second;

    function setUp() public virtual override {
        super.setUp();
        (first, second) = (_register(), _register());
        _fund(vm.addr(OTHER_KEY), ESCROW);
    }

    function _two() internal view returns (bytes memory) {
        return bytes.concat(_entry(first, 400_000), _entry(second, 600_000));
    }

    function _add(Order memory order, uint256 key, Attestation memory given) internal {
        orders.push(order);
        keys.push(key);
        attestations.push(given);
    }

    function _add(uint256 nonce, bytes memory entries) internal {
        _add(_order(nonce), payerKey, _attestation(entries));
    }

    function _forget() internal {
        delete orders;
        delete keys;
        delete attestations;
    }

    function _hashes() internal view returns (bytes32[] memory ids, bytes32[] memory stated) {
        (ids, stated) = (new bytes32[](orders.length), new bytes32[](orders.length));
        for (uint256 i = 0; i < orders.length; i++) {
            ids[i] = _orderHash(orders[i]);
            stated[i] = _attestationHash(attestations[i], set, ids[i]);
        }
    }

    function _listDigest(bytes32 kind, bytes32[] memory hashes) internal view returns (bytes32) {
        return _digest(keccak256(abi.encode(kind, keccak256(abi.encodePacked(hashes)))));
    }

    function _batchQuorum() internal view returns (Quorum memory) {
        (, bytes32[] memory stated) = _hashes();
        bytes32 digest = _listDigest(BATCH, stated);
        bytes memory both = bytes.concat(_compact(oracleKeys[0], digest), _compact(oracleKeys[2], digest));
        return Quorum({threshold: 2, signers: signers, signatures: both});
    }

    function _signatures() internal view returns (bytes[] memory found) {
        found = new bytes[](orders.length);
        for (uint256 i = 0; i < orders.length; i++) {
            found[i] = _compact(keys[i], _digest(_orderHash(orders[i])));
        }
    }

    function _batch() internal view returns (Batch memory) {
        return _pack(orders, attestations, _signatures());
    }

    function _list() internal view returns (Batch memory) {
        return _pack(orders, attestations, new bytes[](orders.length));
    }

    function _signList() internal view returns (bytes memory) {
        (bytes32[] memory ids,) = _hashes();
        return _sign(keys[0], _listDigest(ORDERS, ids));
    }

    function _settleBatch() internal {
        ledger.settleBatch(_batch(), _batchQuorum());
    }

    function _settleList() internal {
        ledger.settleOrders(_list(), _signList(), _batchQuorum());
    }

    function _settleSingly(uint256 i) internal {
        Order memory order = orders[i];
        Attestation memory given = attestations[i];
        ledger.settle(order, _compact(keys[i], _digest(_orderHash(order))), given, _quorum(order, given));
    }

    function _refuseBatch(Batch memory batch, bytes memory reason) internal {
        Quorum memory quorum = _batchQuorum();
        vm.expectRevert(reason);
        ledger.settleBatch(batch, quorum);
    }

    function _refuseBatch(bytes memory reason) internal {
        _refuseBatch(_batch(), reason);
    }
}
