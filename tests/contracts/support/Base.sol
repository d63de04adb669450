// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Attestation, Order, Quorum, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {LedgerFixture} from "./LedgerFixture.sol";
import {vm} from "./Vm.sol";

/// @notice The test ledger with a funded payer, and signatures over orders and attestations. Hashes are computed from
/// the text of the types here, independently of the contract.
abstract contract Base is LedgerFixture {
    bytes32 internal constant ORDER = keccak256(
        "Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,uint256 use,uint256 rule,uint256 deadline)"
    );
    bytes32 internal constant ATTESTATION = keccak256(
        "Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );
    bytes32 internal constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    function setUp() public virtual {
        payer = vm.addr(payerKey);
        _makeOracles();
        _deploy(vm.deployCode("TestDollar.sol:TestDollar", ""));
        _fund(payer, ESCROW);
    }

    function _terms() internal pure returns (Terms memory) {
        return Terms({
            split: 0, consentFrom: 0, consentUntil: type(uint32).max, uses: 15, maxShare: 10_000, licence: "CC-BY-4.0"
        });
    }

    function _register() internal returns (uint32) {
        return _register(_terms());
    }

    function _register(Terms memory terms) internal returns (uint32) {
        return _registerAs(owner, terms);
    }

    function _registerAs(address who, Terms memory terms) internal returns (uint32) {
        vm.prank(who);
        return ledger.register(terms, keccak256("audio"), keccak256("metadata"), "QZABC2500001");
    }

    function _order(uint256 nonce) internal view returns (Order memory) {
        return Order({
            payer: payer,
            nonce: nonce,
            request: keccak256("request"),
            maxPrice: 2e6,
            tier: 1,
            use: 5,
            rule: 0,
            deadline: _now() + 1 days
        });
    }

    function _attestation(bytes memory entries) internal view returns (Attestation memory) {
        return Attestation({
            price: PRICE,
            node: node,
            nodeFee: NODE_FEE,
            generatedAt: _now(),
            entries: entries,
            manifest: keccak256("manifest")
        });
    }

    function _entry(uint256 id, uint256 weight) internal pure returns (bytes memory) {
        return abi.encodePacked(uint32(id), uint32(weight));
    }

    function _orderHash(Order memory order) internal pure returns (bytes32) {
        return keccak256(abi.encode(ORDER, order));
    }

    function _attestationHash(Attestation memory given, bytes32 by, bytes32 order) internal pure returns (bytes32) {
        bytes memory front = abi.encode(ATTESTATION, by, order, given.price, given.node, given.nodeFee);
        bytes memory back = abi.encode(given.generatedAt, keccak256(given.entries), given.manifest);
        return keccak256(abi.encodePacked(front, back));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN, keccak256("Refrain"), keccak256("1"), block.chainid, address(ledger)));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev r, then s with the parity in its top bit (EIP-2098).
    function _compact(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255);
    }

    function _signOrder(Order memory order) internal view returns (bytes memory) {
        return _sign(payerKey, _digest(_orderHash(order)));
    }

    function _attestationDigest(Order memory order, Attestation memory given) internal view returns (bytes32) {
        return _digest(_attestationHash(given, set, _orderHash(order)));
    }

    function _quorum(Order memory order, Attestation memory given) internal view returns (Quorum memory) {
        bytes32 digest = _attestationDigest(order, given);
        bytes memory both = bytes.concat(_compact(oracleKeys[0], digest), _compact(oracleKeys[2], digest));
        return Quorum({threshold: 2, signers: signers, signatures: both});
    }

    function _receipt(Order memory order, Attestation memory given) internal view returns (Receipt memory) {
        return Receipt(order, given, _quorum(order, given), new bytes32[](0));
    }

    function _settle(Order memory order, Attestation memory given) internal {
        ledger.settle(order, _signOrder(order), given, _quorum(order, given));
    }

    function _refuse(Order memory order, Attestation memory given, bytes memory reason) internal {
        bytes memory signature = _signOrder(order);
        Quorum memory quorum = _quorum(order, given);
        vm.expectRevert(reason);
        ledger.settle(order, signature, given, quorum);
    }

    function _bound(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + value % (most - least + 1);
    }
}
