// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    AT_ACCOUNTS,
    AT_ATTESTATION_TYPE,
    AT_COUNT,
    AT_DEADLINE,
    AT_DIGEST,
    AT_END,
    AT_ENTRIES_HASH,
    AT_FEE,
    AT_FROM,
    AT_GENERATED_AT,
    AT_MANIFEST,
    AT_MAX_PRICE,
    AT_NODE,
    AT_NODE_CAP_BPS,
    AT_NODE_FEE,
    AT_NONCE,
    AT_NOT_USES,
    AT_OLDEST,
    AT_ORDER,
    AT_ORDER_TYPE,
    AT_PAYER,
    AT_PREFIX,
    AT_PRICE,
    AT_PROTOCOL_BPS,
    AT_R,
    AT_RATE,
    AT_REQUEST,
    AT_ROOM,
    AT_ROOMS,
    AT_RULE,
    AT_S,
    AT_SIGNED,
    AT_SPENDER,
    AT_TIER,
    AT_USE,
    AT_V
} from "./BatchSheet.sol";

/// @title PackedBatch
/// @notice The generations of a batch in assembly: decodes, pays and logs one after another; see Packed. IBatches
/// describes the format, BatchSheet the memory.
library PackedBatch {
    /// @dev Bytes of a generation before its entries.
    uint256 internal constant HEAD = 100;

    // The bit above each of these fields of an account's word: protocol fees, pool, next nonce.
    uint256 private constant CARRIES = 0x1000000010000000000010000000000000000000000000000;

    /// @dev Makes the next memory allocation start at the fixed place of the sheet. That allocation must be the sheet.
    function placeSheet() internal pure {
        assembly ("memory-safe") {
            // The compiler itself uses only a few words of memory before this point. Reverts if it used more.
            if gt(mload(0x40), AT_FROM) { revert(0, 0) }
            mstore(0x40, AT_FROM)
        }
    }

    /// @dev Reserves memory after the sheet for entries.
    function placeEntries() internal pure {
        assembly ("memory-safe") {
            mstore(0x40, AT_END)
        }
    }

    /// @dev Decodes the generation at `start` and hashes its order. Returns the end of its entries, or zero if any
    /// field is invalid; the caller then finds out which.
    function read(bytes calldata list, uint256 start) internal view returns (uint256 end) {
        assembly ("memory-safe") {
            let at := add(list.offset, start)
            mstore(AT_REQUEST, calldataload(at))
            mstore(AT_MANIFEST, calldataload(add(at, 0x20)))
            let word := calldataload(add(at, 0x44))
            let count := byte(31, word)
            mstore(AT_COUNT, count)
            end := add(add(start, 100), shl(2, count))
            let use := byte(30, word)
            mstore(AT_USE, use)
            mstore(AT_RULE, byte(29, word))
            mstore(AT_TIER, byte(28, word))
            let broken := or(iszero(use), and(use, mload(AT_NOT_USES)))

            word := calldataload(add(at, 0x40))
            let made := add(mload(AT_FROM), and(word, 0xffffffff))
            mstore(AT_GENERATED_AT, made)
            mstore(AT_DEADLINE, add(made, and(shr(176, word), 0xffffffff)))
            broken := or(broken, gt(made, timestamp()))

            let price := and(shr(80, word), 0xffffffffffff)
            mstore(AT_PRICE, price)
            mstore(AT_MAX_PRICE, add(price, and(shr(128, word), 0xffffffffffff)))
            let nodeFee := and(shr(32, word), 0xffffffffffff)
            mstore(AT_NODE_FEE, nodeFee)
            broken := or(broken, gt(nodeFee, div(mul(price, mload(AT_NODE_CAP_BPS)), 10000)))
            let fee := div(mul(price, mload(AT_PROTOCOL_BPS)), 10000)
            mstore(AT_FEE, fee)
            // A multiplication by this constant and a division by 2^128 divide by a million, exactly for numbers below
            // 2^68. The added 1 makes a royalty of zero still sum the weights.
            mstore(AT_RATE, add(mul(sub(price, add(nodeFee, fee)), 340282366920938463463374607431769), 1))

            mstore(AT_NONCE, and(shr(208, word), 0xffffffff))

            // An index that is too large reads memory after the tables; the value is not used then.
            let index := shl(1, byte(0, word))
            let table := mload(AT_ACCOUNTS)
            broken := or(broken, iszero(lt(index, mload(table))))
            let found := add(add(table, 0x20), shl(5, index))
            mstore(AT_SPENDER, found)
            mstore(AT_PAYER, mload(found))
            index := mul(3, byte(1, word))
            table := mload(AT_ROOMS)
            broken := or(broken, iszero(lt(index, mload(table))))
            found := add(add(table, 0x20), shl(5, index))
            mstore(AT_ROOM, found)
            mstore(AT_NODE, mload(found))

            word := keccak256(AT_ORDER_TYPE, 0x120)
            mstore(AT_ORDER, word)
            mstore(AT_SIGNED, word)
            end := mul(end, iszero(broken))
        }
    }

    /// @dev Whether the payer signed the order: 64 bytes (EIP-2098) at `start`, with `s` in the lower half. A bad
    /// signature recovers to zero, and no payer is zero.
    function isSigned(bytes calldata list, uint256 start) internal view returns (bool signed) {
        assembly ("memory-safe") {
            let at := add(list.offset, start)
            mstore(AT_DIGEST, keccak256(add(AT_PREFIX, 30), 66))
            mstore(AT_R, calldataload(at))
            at := calldataload(add(at, 0x20))
            let parity := shr(255, at)
            mstore(AT_V, add(27, parity))
            at := xor(at, shl(255, parity))
            mstore(AT_S, at)
            mstore(0, 0)
            pop(staticcall(gas(), 1, AT_DIGEST, 0x80, 0, 0x20))
            // Half of the curve's order.
            at := gt(at, 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0)
            signed := gt(eq(mload(0), mload(AT_PAYER)), at)
        }
    }

    /// @dev Writes the struct hash of the attestation as item `index` of a list that is long enough.
    function attest(bytes32[] memory list, uint256 index) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 0x20), shl(5, index)), keccak256(AT_ATTESTATION_TYPE, 0x120))
        }
    }

    /// @dev Takes the price from the payer's account, counts it against the node's room, and returns whether it did.
    /// Does nothing if any check fails, if `found` is not zero, or if the nonce is below `nextNonce`: the caller then
    /// takes the slow path.
    function pay(uint256 pool, uint256 found) internal pure returns (bool paid) {
        assembly ("memory-safe") {
            // Allows an early exit, and keeps this a function with its own stack.
            function take(share, doubt) -> taken {
                let spender := add(mload(AT_SPENDER), 0x20)
                let account := mload(spender)
                let price := mload(AT_PRICE)
                let passed := sub(add(mload(AT_NONCE), 1), and(shr(160, account), 0xffffffff))
                // Doubtful if it is zero, or too large for the field of the next nonce.
                doubt := or(doubt, or(iszero(passed), shr(32, passed)))
                doubt := or(doubt, lt(and(account, 0xffffffffffffffff), price))
                let room := mload(AT_ROOM)
                let prices := mload(add(room, 0x20))
                let fees := mload(add(room, 0x40))
                doubt := or(doubt, iszero(and(lt(price, prices), lt(mload(AT_NODE_FEE), fees))))
                doubt := or(doubt, lt(mload(AT_GENERATED_AT), mload(AT_OLDEST)))

                let added := or(or(shl(64, mload(AT_FEE)), shl(112, share)), shl(160, passed))
                let spent := sub(account, price)
                let sum := add(spent, added)
                // The bits that overflow from one of the three fields that grow.
                if or(doubt, and(xor(sum, xor(spent, added)), CARRIES)) { leave }

                mstore(add(room, 0x20), sub(prices, price))
                mstore(add(room, 0x40), sub(fees, mload(AT_NODE_FEE)))
                account := or(shl(add(192, passed), shr(192, account)), shl(192, 1))
                mstore(spender, or(account, shr(64, shl(64, sum))))
                taken := 1
            }
            paid := take(pool, found)
        }
    }

    /// @dev Logs a settled generation with the hash of its event. The data are the attestation's words from the price
    /// on; the last three are overwritten by the offset of the entries, the manifest and the length of the entries.
    function announce(bytes32 kind) internal {
        assembly ("memory-safe") {
            let length := shl(3, mload(AT_COUNT))
            mstore(AT_GENERATED_AT, 0xa0)
            mstore(AT_ENTRIES_HASH, mload(AT_MANIFEST))
            mstore(AT_MANIFEST, length)
            log3(AT_PRICE, add(0xc0, and(add(length, 0x1f), not(0x1f))), kind, mload(AT_ORDER), mload(AT_PAYER))
        }
    }

    /// @dev Writes `hash` as item `index` of a list that is long enough.
    function put(bytes32[] memory list, uint256 index, bytes32 hash) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 0x20), shl(5, index)), hash)
        }
    }

    /// @dev `keccak256(abi.encode(kind, keccak256(abi.encodePacked(list))))` over the first `count` items.
    function listHash(bytes32 kind, bytes32[] memory list, uint256 count) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0, kind)
            mstore(0x20, keccak256(add(list, 0x20), shl(5, count)))
            hash := keccak256(0, 0x40)
        }
    }

    /// @dev Logs `data` with the hash of an event and its one indexed argument.
    function emitLog(bytes memory data, bytes32 kind, bytes32 first) internal {
        assembly ("memory-safe") {
            log2(add(data, 0x20), mload(data), kind, first)
        }
    }
}
