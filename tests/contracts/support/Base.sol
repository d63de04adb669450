// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Registration} from "../../../contracts/interfaces/ICatalogue.sol";
import {IRightsSplits} from "../../../contracts/interfaces/IRightsSplits.sol";
import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {ILedger, IToken} from "./ILedger.sol";
import {vm} from "./Vm.sol";

/// @notice A ledger with a 2-of-3 set, an allowed node, a funded payer, and the keys of all of them. Hashes are computed
/// from the types' text here, apart from the contract's.
abstract contract Base {
    bytes32 internal constant ORDER = keccak256(
        "Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,uint256 use,uint256 rule,uint256 deadline)"
    );
    bytes32 internal constant ATTESTATION = keccak256(
        "Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );
    bytes32 internal constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    uint256 internal constant MAX_LAG = 2 days;
    uint256 internal constant ESCROW = 1_000_000e6;
    uint256 internal constant PRICE = 1_234_567;
    uint256 internal constant NODE_FEE = 123_456;
    uint16 internal constant PROTOCOL_BPS = 250;
    uint16 internal constant NODE_CAP_BPS = 1_000;
    uint64 internal constant SET_UNTIL = 2_000_000_000;

    address internal immutable admin = address(0xAD);
    address internal immutable guardian = address(0x6A);
    address internal immutable owner = address(0x0E);
    address internal immutable node = address(0x0DE);
    uint256 internal immutable payerKey = uint256(keccak256("payer"));
    address internal payer;
    uint256[3] internal oracleKeys;
    address[] internal signers;

    IToken internal token;
    IRightsSplits internal splits;
    ILedger internal ledger;
    bytes32 internal set;

    function setUp() public virtual {
        payer = vm.addr(payerKey);
        _makeOracles();
        _deploy(vm.deployCode("TestDollar.sol:TestDollar", ""));
        _fund(payer, ESCROW);
    }

    function _makeOracles() internal {
        uint256[3] memory keys = [uint256(101), 102, 103];
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = i + 1; j < 3; j++) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
            signers.push(vm.addr(keys[i]));
        }
        oracleKeys = keys;
    }

    function _deploy(address currency) internal {
        token = IToken(currency);
        splits = IRightsSplits(vm.deployCode("RightsSplits.sol:RightsSplits", ""));
        bytes memory arguments = abi.encode(currency, splits, admin, guardian, MAX_LAG);
        ledger = ILedger(vm.deployCode("RoyaltyLedger.sol:RoyaltyLedger", arguments));

        vm.startPrank(admin);
        set = ledger.installFirstSet(2, signers, PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL);
        ledger.allowNode(node, true);
        vm.stopPrank();
    }

    function _fund(address to, uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        ledger.fund(to, amount);
    }

    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function _registration() internal view returns (Registration memory) {
        return Registration({
            owner: owner,
            split: 0,
            consentFrom: 0,
            consentUntil: type(uint32).max,
            uses: 15,
            maxShare: 10_000,
            audio: keccak256("audio"),
            metadata: keccak256("metadata"),
            isrc: "QZABC2500001"
        });
    }

    function _register() internal returns (uint32) {
        return _register(_registration());
    }

    function _register(Registration memory given) internal returns (uint32) {
        vm.prank(given.owner);
        return ledger.register(given);
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

    function _signOrder(Order memory order) internal view returns (bytes memory) {
        return _sign(payerKey, _digest(_orderHash(order)));
    }

    function _attestationDigest(Order memory order, Attestation memory given) internal view returns (bytes32) {
        return _digest(_attestationHash(given, set, _orderHash(order)));
    }

    function _quorum(Order memory order, Attestation memory given) internal view returns (Quorum memory) {
        bytes32 digest = _attestationDigest(order, given);
        bytes memory both = abi.encodePacked(_sign(oracleKeys[0], digest), _sign(oracleKeys[2], digest));
        return Quorum({threshold: 2, signers: signers, signatures: both});
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
