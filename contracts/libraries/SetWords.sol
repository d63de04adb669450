// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A set of oracles in one word. From the lowest bit:
/// `state 8 | protocolBps 16 | nodeCapBps 16 | until 64 | activeFrom 64`.
type SetWord is uint256;

using SetWords for SetWord global;

/// @title SetWords
library SetWords {
    uint256 internal constant PROPOSED = 1;
    uint256 internal constant ACTIVE = 2;

    /// @dev Active, but for the pause.
    uint256 internal constant STOPPED = 3;

    uint256 private constant PROTOCOL = 8;
    uint256 private constant CAP = 24;
    uint256 private constant UNTIL = 40;
    uint256 private constant FROM = 104;

    function pack(uint256 status, uint16 fee, uint16 cap, uint64 end, uint256 start) internal pure returns (SetWord) {
        return
            SetWord.wrap(
                status | uint256(fee) << PROTOCOL | uint256(cap) << CAP | uint256(end) << UNTIL | start << FROM
            );
    }

    function state(SetWord word) internal pure returns (uint256) {
        return uint8(SetWord.unwrap(word));
    }

    function protocolBps(SetWord word) internal pure returns (uint16) {
        return uint16(SetWord.unwrap(word) >> PROTOCOL);
    }

    function nodeCapBps(SetWord word) internal pure returns (uint16) {
        return uint16(SetWord.unwrap(word) >> CAP);
    }

    function until(SetWord word) internal pure returns (uint64) {
        return uint64(SetWord.unwrap(word) >> UNTIL);
    }

    function activeFrom(SetWord word) internal pure returns (uint256) {
        return uint64(SetWord.unwrap(word) >> FROM);
    }

    function withState(SetWord word, uint256 status) internal pure returns (SetWord) {
        return SetWord.wrap(SetWord.unwrap(word) & ~uint256(type(uint8).max) | status);
    }
}
