// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountWord, AccountWords} from "../../../contracts/libraries/AccountWords.sol";

/// @notice Compares the window of nonces with its meaning: a set that only grows.
contract NoncesProof {
    /// @dev The decision of Escrow.
    function _isUsed(AccountWord word, uint256 nonce) private pure returns (bool) {
        if (nonce >= word.nextNonce()) return nonce >= AccountWords.NONCES;
        uint256 age = word.age(nonce);
        return age >= AccountWords.WINDOW || word.isUsed(age);
    }

    function check_WhatIsUsedCountsAsUsed(uint256 raw, uint32 nonce) external pure {
        AccountWord word = AccountWord.wrap(raw);
        if (_isUsed(word, nonce)) return;

        assert(_isUsed(word.withNonce(nonce), nonce));
    }

    function check_WhatWasUsedStaysUsed(uint256 raw, uint32 nonce, uint32 other) external pure {
        AccountWord word = AccountWord.wrap(raw);
        if (_isUsed(word, nonce) || !_isUsed(word, other)) return;

        assert(_isUsed(word.withNonce(nonce), other));
    }

    /// @dev Using one nonce uses no other within the window: a free nonce stays free, unless it becomes too old.
    function check_OthersStayFree(uint256 raw, uint32 nonce, uint32 other) external pure {
        AccountWord word = AccountWord.wrap(raw);
        if (_isUsed(word, nonce) || _isUsed(word, other) || nonce == other) return;

        AccountWord used = word.withNonce(nonce);
        bool tooOld = other < used.nextNonce() && used.age(other) >= AccountWords.WINDOW;
        assert(tooOld || !_isUsed(used, other));
    }

    /// @dev Money does not change, and the next nonce never decreases.
    function check_MoneyStays(uint256 raw, uint32 nonce) external pure {
        AccountWord word = AccountWord.wrap(raw);
        if (_isUsed(word, nonce)) return;

        AccountWord used = word.withNonce(nonce);
        assert(uint160(AccountWord.unwrap(used)) == uint160(raw));
        assert(used.nextNonce() >= word.nextNonce() && used.nextNonce() > nonce);
    }
}
