// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {AccountWord, AccountWords} from "../../../contracts/libraries/AccountWords.sol";
import {TypedHashes} from "../../../contracts/libraries/TypedHashes.sol";

/// @notice libraries/PackedBatch.sol in plain Solidity: slower, and easy to verify.
library PackedBatchPlain {
    /// @notice What all generations of a batch share.
    struct Frame {
        uint256 from;
        uint256 uses;
        uint256 protocolBps;
        uint256 nodeCapBps;
        address[] payers;
        address[] nodes;
    }

    /// @notice A decoded generation.
    struct Parts {
        Order order;
        bytes32 id;
        uint256 price;
        address node;
        uint256 nodeFee;
        uint256 generatedAt;
        bytes32 manifest;
        uint256 count;
        uint256 fee;
        uint256 royalty;
    }

    /// @notice The inputs of a payment.
    struct Bill {
        AccountWord account;
        uint256 nonce;
        uint256 price;
        uint256 fee;
        uint256 nodeFee;
        uint256 pool;
        uint256 found;
        uint256 generatedAt;
        uint256 oldest;
        uint256 prices;
        uint256 fees;
    }

    function number(bytes calldata list, uint256 start, uint256 length) internal pure returns (uint256 value) {
        for (uint256 i = 0; i < length; i++) {
            value = value << 8 | uint8(list[start + i]);
        }
    }

    function read(Frame calldata frame, bytes calldata list, uint256 start)
        internal
        view
        returns (uint256 end, Parts memory parts)
    {
        parts.count = number(list, start + 99, 1);
        (uint256 payer, uint256 node) = (number(list, start + 64, 1), number(list, start + 65, 1));
        parts.price = number(list, start + 80, 6);
        parts.nodeFee = number(list, start + 86, 6);
        parts.generatedAt = frame.from + number(list, start + 92, 4);
        parts.manifest = bytes32(number(list, start + 32, 32));
        uint256 most = parts.price * frame.nodeCapBps / 10_000;
        uint256 use = number(list, start + 98, 1);
        if (payer >= frame.payers.length || node >= frame.nodes.length) return (0, parts);
        if (use == 0 || use & ~frame.uses != 0) return (0, parts);
        if (parts.generatedAt > block.timestamp || parts.nodeFee > most) return (0, parts);

        parts.node = frame.nodes[node];
        parts.order = _order(frame.payers[payer], parts, list, start);
        parts.id = keccak256(abi.encode(TypedHashes.ORDER, parts.order));
        parts.fee = parts.price * frame.protocolBps / 10_000;
        parts.royalty = parts.price - parts.nodeFee - parts.fee;
        end = start + 100 + 4 * parts.count;
    }

    function _order(address payer, Parts memory parts, bytes calldata list, uint256 start)
        private
        pure
        returns (Order memory)
    {
        return Order({
            payer: payer,
            nonce: number(list, start + 66, 4),
            request: bytes32(number(list, start, 32)),
            maxPrice: parts.price + number(list, start + 74, 6),
            tier: number(list, start + 96, 1),
            use: number(list, start + 98, 1),
            rule: number(list, start + 97, 1),
            deadline: parts.generatedAt + number(list, start + 70, 4)
        });
    }

    function isSigned(bytes32 digest, address payer, bytes calldata list, uint256 start) internal pure returns (bool) {
        uint256 half = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
        uint256 vs = number(list, start + 32, 32);
        uint256 s = vs & type(uint256).max >> 1;
        if (s > half) return false;
        return ecrecover(digest, uint8(27 + (vs >> 255)), bytes32(number(list, start, 32)), bytes32(s)) == payer;
    }

    function pay(Bill memory bill) internal pure returns (bool paid) {
        bool fresh = bill.nonce >= bill.account.nextNonce() && bill.nonce < AccountWords.NONCES;
        bool covered = bill.account.canSpend(bill.price, bill.fee, bill.pool);
        bool room = bill.price < bill.prices && bill.nodeFee < bill.fees;
        paid = bill.found == 0 && fresh && covered && room && bill.generatedAt >= bill.oldest;
        if (!paid) return false;

        bill.account = bill.account.withNonce(bill.nonce).spend(bill.price, bill.fee, bill.pool);
        bill.prices -= bill.price;
        bill.fees -= bill.nodeFee;
    }

    function attestationHash(bytes32 set, bytes32 order, Attestation memory given) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                TypedHashes.ATTESTATION,
                set,
                order,
                given.price,
                given.node,
                given.nodeFee,
                given.generatedAt,
                keccak256(given.entries),
                given.manifest
            )
        );
    }

    function listHash(bytes32 kind, bytes32[] memory list, uint256 count) internal pure returns (bytes32) {
        bytes memory all;
        for (uint256 i = 0; i < count; i++) {
            all = bytes.concat(all, list[i]);
        }
        return keccak256(abi.encode(kind, keccak256(all)));
    }
}
