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
} from "./Sheet.sol";

/// @title PackedBatch
/// @notice One generation after another by hand: taken apart, paid, told; see Packed. What is packed how is told in
/// IBatches, what stands where in Sheet.
library PackedBatch {
    /// @dev Bytes of a generation before its entries.
    uint256 internal constant HEAD = 100;

    // The bits above the protocol's fees, the pool and the next nonce in an account's word.
    uint256 private constant CARRIES = 0x1000000010000000000010000000000000000000000000000;

    /// @dev Makes the next thing that is allocated in memory lie where the sheet has to. It has to be the sheet.
    function placeSheet() internal pure {
        assembly ("memory-safe") {
            // The compiler's own part of memory is a few words long; were it longer, nothing would work.
            if gt(mload(0x40), AT_FROM) { revert(0, 0) }
            mstore(0x40, AT_FROM)
        }
    }

    /// @dev Makes room behind the sheet for entries.
    function placeEntries() internal pure {
        assembly ("memory-safe") {
            mstore(0x40, AT_END)
        }
    }

    /// @dev Takes apart the generation at `start` and hashes its order. Returns where its entries end, or zero when
    /// anything in it cannot be: the caller says what.
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
            // By this, and 2^128, to divide by a million: exact for what is below 2^68. One more makes zero times zero
            // tell of weights.
            mstore(AT_RATE, add(mul(sub(price, add(nodeFee, fee)), 340282366920938463463374607431769), 1))

            mstore(AT_NONCE, and(shr(208, word), 0xffffffff))

            // What lies behind the tables may be read here; it is not used then.
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

    /// @dev Whether the payer signed the order: 64 bytes (EIP-2098) at `start`, an `s` in the lower half. No payer is
    /// zero, as the signer behind a bad signature is.
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

    /// @dev Writes the struct hash of the attestation to item `index` of a list that is long enough.
    function attest(bytes32[] memory list, uint256 index) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 0x20), shl(5, index)), keccak256(AT_ATTESTATION_TYPE, 0x120))
        }
    }

    /// @dev Takes the price from the payer's account and counts it against the node's room, and says so. Where anything
    /// stands against that, anything was `found`, or the nonce is below others that were used, nothing is done: the
    /// caller looks closer.
    function pay(uint256 pool, uint256 found) internal pure returns (bool paid) {
        assembly ("memory-safe") {
            // To be able to leave, and as a function with the stack to itself.
            function take(share, doubt) -> taken {
                let spender := add(mload(AT_SPENDER), 0x20)
                let account := mload(spender)
                let price := mload(AT_PRICE)
                let passed := sub(add(mload(AT_NONCE), 1), and(shr(160, account), 0xffffffff))
                // Not one at least, or more than the next nonce's field holds.
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
                // What is carried out of one of the three fields that grow.
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

    /// @dev Logs a settled generation under the hash of its event. The data are the attestation's words from the price
    /// on, of which the last three are written over: offset of the entries, manifest, length of the entries.
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

    /// @dev Logs `data` under the hash of an event and its one indexed argument.
    function emitLog(bytes memory data, bytes32 kind, bytes32 first) internal {
        assembly ("memory-safe") {
            log2(add(data, 0x20), mload(data), kind, first)
        }
    }
}
