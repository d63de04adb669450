// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Buckets} from "./Buckets.sol";
import {Packed} from "./Packed.sol";

/// @notice A node's earnings, and what was settled through it. From the lowest bit:
/// `bucket 168 | spent 64 | 23 unused | allowed 1`, the bucket as in Buckets. `spent` is the sum of the prices settled
/// through the node in the bucket's epoch. The top bit keeps the word of an allowed node from being zero, so its first
/// fee does not write to an empty slot.
type NodeWord is uint256;

using NodeWords for NodeWord global;

/// @title NodeWords
library NodeWords {
    uint256 private constant SPENT = 168;
    uint256 private constant ALLOWED = 1 << 255;
    uint256 private constant CUR = 104;
    uint256 private constant EPOCH = 152;
    uint256 private constant SPENT_MASK = uint256(type(uint64).max) << SPENT;

    function isAllowed(NodeWord word) internal pure returns (bool) {
        return NodeWord.unwrap(word) & ALLOWED != 0;
    }

    function withAllowed(NodeWord word, bool allowed) internal pure returns (NodeWord) {
        uint256 raw = NodeWord.unwrap(word);
        return NodeWord.wrap(allowed ? raw | ALLOWED : raw & ~ALLOWED);
    }

    /// @dev The sum of the prices settled through the node so far in epoch `now_`.
    function spent(NodeWord word, uint256 now_) internal pure returns (uint256) {
        uint256 raw = NodeWord.unwrap(word);
        return uint16(raw >> EPOCH) == now_ ? uint64(raw >> SPENT) : 0;
    }

    /// @dev The word after a settlement, and whether every field had room. Preconditions, not checked here:
    /// `price < 2^64` and `fee <= price`. A batch passes its sums.
    function settle(NodeWord word, uint256 fee, uint256 price, uint256 now_)
        internal
        pure
        returns (NodeWord settled, bool fits)
    {
        uint256 raw = NodeWord.unwrap(word);
        unchecked {
            if (uint16(raw >> EPOCH) != now_) {
                (raw, fits) = Buckets.credit(raw, fee, now_);
                return (NodeWord.wrap(raw & ~SPENT_MASK | price << SPENT), fits);
            }

            // Adds both sums at once. `fits` is false if a sum would overflow into the next field.
            bool room = uint48(raw >> CUR) + fee <= type(uint48).max;
            fits = Packed.and(room, uint64(raw >> SPENT) + price <= type(uint64).max);
            settled = NodeWord.wrap(raw + (price << SPENT) + (fee << CUR));
        }
    }

    function due(NodeWord word, uint256 now_) internal pure returns (uint256) {
        return Buckets.due(NodeWord.unwrap(word), now_);
    }

    /// @dev The amount that is still open to dispute.
    function disputable(NodeWord word, uint256 now_) internal pure returns (uint256) {
        (, uint256 prev, uint256 cur) = Buckets.read(NodeWord.unwrap(word), now_);
        return prev + cur;
    }

    function take(NodeWord word, uint256 now_) internal pure returns (uint256 amount, NodeWord) {
        uint256 raw;
        (amount, raw) = Packed.take(NodeWord.unwrap(word), now_);
        return (amount, _keepSpent(word, raw, now_));
    }

    function credit(NodeWord word, uint256 amount, uint256 now_) internal pure returns (NodeWord, bool fits) {
        uint256 raw;
        (raw, fits) = Buckets.credit(NodeWord.unwrap(word), amount, now_);
        return (_keepSpent(word, raw, now_), fits);
    }

    function creditMatured(NodeWord word, uint256 amount, uint256 now_) internal pure returns (NodeWord, bool fits) {
        uint256 raw;
        (raw, fits) = Buckets.creditMatured(NodeWord.unwrap(word), amount, now_);
        return (_keepSpent(word, raw, now_), fits);
    }

    function debit(NodeWord word, uint256 amount, uint256 now_) internal pure returns (NodeWord, bool enough) {
        uint256 raw;
        (raw, enough) = Buckets.debit(NodeWord.unwrap(word), amount, now_);
        return (_keepSpent(word, raw, now_), enough);
    }

    // Moving the bucket on must not make an old total look like one of this epoch.
    function _keepSpent(NodeWord word, uint256 raw, uint256 now_) private pure returns (NodeWord) {
        return NodeWord.wrap(raw & ~SPENT_MASK | spent(word, now_) << SPENT);
    }
}
