// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Money that passes a dispute window, in the low 168 bits of a word. From the lowest bit:
/// `matured 56 | prev 48 | cur 48 | epoch 16`.
/// `cur` was credited in `epoch`, `prev` in the epoch before it, `matured` earlier; only `matured` can be withdrawn. A
/// read in a later epoch moves the amounts on, so nobody has to do this on time.
///
/// Epochs are counted modulo 65,536, and so is their difference. A bucket that is not touched for 65,536 epochs looks
/// fresh and waits once more; it never pays early.
library Buckets {
    uint256 internal constant MOST_MATURED = type(uint56).max;
    uint256 internal constant MOST_HELD = type(uint48).max;

    uint256 private constant PREV = 56;
    uint256 private constant CUR = 104;
    uint256 private constant EPOCH = 152;
    uint256 private constant WHOLE = (1 << 168) - 1;

    /// @dev The epoch of a time, if an epoch is `window` seconds long.
    function epochOf(uint256 time, uint256 window) internal pure returns (uint256) {
        return uint16(time / window);
    }

    /// @dev The content of a bucket in epoch `now_`: the withdrawable amount, and the two amounts still open to
    /// dispute.
    function read(uint256 word, uint256 now_) internal pure returns (uint256 matured, uint256 prev, uint256 cur) {
        matured = word & MOST_MATURED;
        prev = uint48(word >> PREV);
        cur = uint48(word >> CUR);
        unchecked {
            uint256 age = uint16(now_ - (word >> EPOCH));
            if (age != 0) (matured, prev, cur) = (matured + prev, cur, 0);
            if (age > 1) (matured, prev) = (matured + prev, 0);
        }
    }

    /// @dev The withdrawable amount in epoch `now_`.
    function due(uint256 word, uint256 now_) internal pure returns (uint256 matured) {
        (matured,,) = read(word, now_);
    }

    /// @dev The word with `amount` more in epoch `now_`, and whether every field had room. Precondition, not checked
    /// here: `amount < 2^255`.
    function credit(uint256 word, uint256 amount, uint256 now_) internal pure returns (uint256 credited, bool fits) {
        (uint256 matured, uint256 prev, uint256 cur) = read(word, now_);
        unchecked {
            cur += amount;
        }
        fits = matured <= MOST_MATURED && cur <= MOST_HELD;
        credited = _write(word, matured, prev, cur, now_);
    }

    /// @dev The word with `amount` more that can be withdrawn at once, and whether there was room.
    function creditMatured(uint256 word, uint256 amount, uint256 now_) internal pure returns (uint256, bool fits) {
        (uint256 matured, uint256 prev, uint256 cur) = read(word, now_);
        fits = amount <= MOST_MATURED && matured + amount <= MOST_MATURED;
        return (_write(word, matured + amount, prev, cur, now_), fits);
    }

    /// @dev The word minus an `amount` that is still open to dispute, taken from the older part first, and whether
    /// there was enough.
    function debit(uint256 word, uint256 amount, uint256 now_) internal pure returns (uint256 debited, bool enough) {
        (uint256 matured, uint256 prev, uint256 cur) = read(word, now_);
        enough = amount <= prev + cur && matured <= MOST_MATURED;
        if (!enough) return (word, false);

        uint256 older = amount < prev ? amount : prev;
        debited = _write(word, matured, prev - older, cur - (amount - older), now_);
    }

    function _write(uint256 word, uint256 matured, uint256 prev, uint256 cur, uint256 epoch)
        private
        pure
        returns (uint256)
    {
        return word & ~WHOLE | matured | prev << PREV | cur << CUR | epoch << EPOCH;
    }
}
