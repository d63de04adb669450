// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Packed
/// @notice The only assembly of the project. Every function here has a twin in plain Solidity (tests/contracts/PackedPlain.sol)
/// and a fuzz test that compares the two.
library Packed {
    /// @dev The 32 bytes of `data` from `offset` on; what lies beyond its end is not defined.
    function load(bytes memory data, uint256 offset) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), offset))
        }
    }

    /// @dev Entry `index` of a list of 8-byte entries. The caller answers for `8 * index + 8 <= entries.length`.
    function entry(bytes calldata entries, uint256 index) internal pure returns (uint256 id, uint256 weight) {
        assembly ("memory-safe") {
            let word := calldataload(add(entries.offset, shl(3, index)))
            id := shr(224, word)
            weight := and(shr(192, word), 0xffffffff)
        }
    }

    /// @dev Signature `index` of a list of 65-byte signatures. The caller answers for `65 * index + 65 <= list.length`.
    function signature(bytes calldata list, uint256 index) internal pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            let start := add(list.offset, mul(65, index))
            r := calldataload(start)
            s := calldataload(add(start, 32))
            v := byte(0, calldataload(add(start, 64)))
        }
    }

    /// @dev Calls `target` without letting it change anything, with at most `most` gas, and reads 32 bytes of its answer
    /// however long that is. False when the call failed or the answer is shorter.
    function staticWord(address target, uint256 most, bytes memory data) internal view returns (bool ok, bytes32 word) {
        assembly ("memory-safe") {
            ok := staticcall(most, target, add(data, 32), mload(data), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            word := mul(ok, mload(0))
        }
    }
}
