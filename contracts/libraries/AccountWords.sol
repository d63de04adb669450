// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Packed} from "./Packed.sol";

/// @notice A payer's account in one word. From the lowest bit:
/// `escrow 64 | protocol 48 | pool 48 | nextNonce 32 | window 64`.
/// Bit `i` of the window is set if nonce `nextNonce - 1 - i` is used. The protocol fees and the pool's share wait here
/// until they are swept, because a settlement writes this word anyway.
type AccountWord is uint256;

using AccountWords for AccountWord global;

/// @title AccountWords
library AccountWords {
    uint256 internal constant MOST_ESCROW = type(uint64).max;
    uint256 internal constant MOST_HELD = type(uint48).max;
    uint256 internal constant WINDOW = 64;
    uint256 internal constant NONCES = type(uint32).max;

    uint256 private constant PROTOCOL = 64;
    uint256 private constant POOL = 112;
    uint256 private constant NEXT = 160;
    uint256 private constant USED = 192;
    uint256 private constant MONEY = (1 << NEXT) - 1;

    function escrow(AccountWord word) internal pure returns (uint256) {
        return uint64(AccountWord.unwrap(word));
    }

    function protocolFees(AccountWord word) internal pure returns (uint256) {
        return uint48(AccountWord.unwrap(word) >> PROTOCOL);
    }

    function pool(AccountWord word) internal pure returns (uint256) {
        return uint48(AccountWord.unwrap(word) >> POOL);
    }

    function nextNonce(AccountWord word) internal pure returns (uint256) {
        return uint32(AccountWord.unwrap(word) >> NEXT);
    }

    function window(AccountWord word) internal pure returns (uint256) {
        return AccountWord.unwrap(word) >> USED;
    }

    /// @dev Precondition, not checked here: `amount <= MOST_ESCROW - escrow`.
    function deposit(AccountWord word, uint256 amount) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(word) + amount);
    }

    /// @dev Whether the escrow covers the price, and the held amounts have room for fee and share, which are both below
    /// 2^48.
    function canSpend(AccountWord word, uint256 price, uint256 fee, uint256 share) internal pure returns (bool) {
        unchecked {
            bool room = Packed.and(protocolFees(word) + fee <= MOST_HELD, pool(word) + share <= MOST_HELD);
            return Packed.and(price <= escrow(word), room);
        }
    }

    /// @dev Precondition, not checked here: `canSpend`.
    function spend(AccountWord word, uint256 price, uint256 fee, uint256 share) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) - price + (fee << PROTOCOL) + (share << POOL));
        }
    }

    function withoutEscrow(AccountWord word) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(word) & ~MOST_ESCROW);
    }

    function withoutHeld(AccountWord word) internal pure returns (AccountWord) {
        uint256 mask = (1 << NEXT) - (1 << PROTOCOL);
        return AccountWord.wrap(AccountWord.unwrap(word) & ~mask);
    }

    /// @dev The distance of a nonce below the newest used one, which has age 0. Precondition, not checked here:
    /// `nonce < nextNonce`.
    function age(AccountWord word, uint256 nonce) internal pure returns (uint256) {
        unchecked {
            return nextNonce(word) - 1 - nonce;
        }
    }

    /// @dev Precondition, not checked here: the age is below WINDOW.
    function isUsed(AccountWord word, uint256 ageOfNonce) internal pure returns (bool) {
        return window(word) >> ageOfNonce & 1 == 1;
    }

    /// @dev Whether an order with this nonce can no longer be settled, because the nonce is used or too old.
    function isNonceGone(AccountWord word, uint256 nonce) internal pure returns (bool) {
        if (nonce >= nextNonce(word)) return nonce >= NONCES;

        uint256 behind = age(word, nonce);
        return behind >= WINDOW || isUsed(word, behind);
    }

    /// @dev The word with `nonce` marked as used. Preconditions, not checked here: `nonce < NONCES`, not too old and
    /// not used.
    function withNonce(AccountWord word, uint256 nonce) internal pure returns (AccountWord) {
        uint256 raw = AccountWord.unwrap(word);
        uint256 next = nextNonce(word);
        unchecked {
            if (nonce < next) return AccountWord.wrap(raw | 1 << (USED + next - 1 - nonce));

            // A shift by more than 255 gives zero, so a far jump clears the window as it should.
            uint256 bits = raw >> USED << (USED + nonce + 1 - next) | 1 << USED;
            return AccountWord.wrap(raw & MONEY | nonce + 1 << NEXT | bits);
        }
    }
}
