// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Entries
/// @notice The parts of a generation: 8 bytes each, big-endian u32 recording and u32 weight.
library Entries {
    uint256 internal constant SIZE = 8;

    uint256 internal constant MILLION = 1_000_000;

    /// @dev The entry at byte `start`.
    function at(bytes calldata entries, uint256 start) internal pure returns (uint256 id, uint256 weight) {
        id = uint32(bytes4(entries[start:start + 4]));
        weight = uint32(bytes4(entries[start + 4:start + SIZE]));
    }

    /// @dev The amount of each entry of `royalty`: `floor(royalty * upTo / 1e6) - floor(royalty * before / 1e6)`.
    function amounts(bytes calldata entries, uint256 royalty)
        internal
        pure
        returns (uint256[] memory ids, uint256[] memory parts)
    {
        uint256 count = entries.length / SIZE;
        (ids, parts) = (new uint256[](count), new uint256[](count));
        uint256 upTo;
        uint256 paid;
        for (uint256 i = 0; i < count; i++) {
            uint256 weight;
            (ids[i], weight) = at(entries, i * SIZE);
            upTo += weight;
            parts[i] = royalty * upTo / MILLION - paid;
            paid += parts[i];
        }
    }
}
