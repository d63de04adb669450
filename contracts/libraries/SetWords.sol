// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A set of oracles in one word. From the lowest bit:
/// `state 8 | protocolBps 16 | nodeCapBps 16 | until 40 | activeFrom 40 | cap 64 | used 1`. `used` means that the set
/// is or was active: its receipts can be disputed in any later state.
type SetWord is uint256;

using SetWords for SetWord global;

/// @title SetWords
library SetWords {
    uint256 internal constant PROPOSED = 1;
    uint256 internal constant ACTIVE = 2;

    /// @dev Active, but stopped by the pause.
    uint256 internal constant STOPPED = 3;
    uint256 internal constant REMOVED = 4;

    uint256 private constant PROTOCOL = 8;
    uint256 private constant CAP_BPS = 24;
    uint256 private constant UNTIL = 40;
    uint256 private constant FROM = 80;
    uint256 private constant CAP = 120;
    uint256 private constant USED = 1 << 184;

    /// @dev A proposed set that has not been used.
    function pack(uint16 fee, uint16 capBps, uint40 end, uint256 start, uint64 most) internal pure returns (SetWord) {
        uint256 fees = uint256(fee) << PROTOCOL | uint256(capBps) << CAP_BPS;
        return SetWord.wrap(PROPOSED | fees | uint256(end) << UNTIL | start << FROM | uint256(most) << CAP);
    }

    function state(SetWord word) internal pure returns (uint256) {
        return uint8(SetWord.unwrap(word));
    }

    function protocolBps(SetWord word) internal pure returns (uint16) {
        return uint16(SetWord.unwrap(word) >> PROTOCOL);
    }

    function nodeCapBps(SetWord word) internal pure returns (uint16) {
        return uint16(SetWord.unwrap(word) >> CAP_BPS);
    }

    function until(SetWord word) internal pure returns (uint40) {
        return uint40(SetWord.unwrap(word) >> UNTIL);
    }

    function activeFrom(SetWord word) internal pure returns (uint40) {
        return uint40(SetWord.unwrap(word) >> FROM);
    }

    /// @dev The most that may be settled through one node in one epoch.
    function cap(SetWord word) internal pure returns (uint64) {
        return uint64(SetWord.unwrap(word) >> CAP);
    }

    function isUsed(SetWord word) internal pure returns (bool) {
        return SetWord.unwrap(word) & USED != 0;
    }

    /// @dev Whether its attestations settle, apart from the pause and `until`.
    function isActive(SetWord word) internal pure returns (bool) {
        return state(word) == ACTIVE || state(word) == STOPPED;
    }

    function withState(SetWord word, uint256 status) internal pure returns (SetWord) {
        return SetWord.wrap(SetWord.unwrap(word) & ~uint256(type(uint8).max) | status);
    }

    function withUse(SetWord word, bool used) internal pure returns (SetWord) {
        return used ? SetWord.wrap(SetWord.unwrap(word) | USED) : word;
    }
}
