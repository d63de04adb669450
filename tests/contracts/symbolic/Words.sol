// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountWord, AccountWords} from "../../../contracts/libraries/AccountWords.sol";
import {OwnerWord, OwnerWords} from "../../../contracts/libraries/OwnerWords.sol";
import {RecordingWord, RecordingWords} from "../../../contracts/libraries/RecordingWords.sol";
import {SetWord, SetWords} from "../../../contracts/libraries/SetWords.sol";

/// @notice Any value that is packed into a word can be read back, and a write to one field does not change the others.
contract WordsProof {
    function check_SetComesOut(uint16 fee, uint16 cap, uint40 end, uint40 start, uint64 most) external pure {
        SetWord word = SetWords.pack(fee, cap, end, start, most);
        assert(word.state() == SetWords.PROPOSED && !word.isUsed());
        assert(word.cap() == most);
        assert(word.protocolBps() == fee);
        assert(word.nodeCapBps() == cap);
        assert(word.until() == end);
        assert(word.activeFrom() == start);
    }

    function check_SetStateAlone(uint256 raw, uint8 state) external pure {
        SetWord word = SetWord.wrap(raw).withState(state);
        assert(word.state() == state);
        assert(SetWord.unwrap(word) >> 8 == raw >> 8);
    }

    function check_OwnerComesOut(address holder, uint32 table) external pure {
        OwnerWord word = OwnerWords.pack(holder, table);
        assert(word.owner() == holder);
        assert(word.split() == table);
    }

    function check_RecordingComesOut(uint32 from, uint32 until, uint8 uses, uint16 share) external pure {
        RecordingWord word = RecordingWords.pack(from, until, uses, share);
        assert(word.consentFrom() == from);
        assert(word.consentUntil() == until);
        assert(word.uses() == uses);
        assert(word.maxShare() == share);
        assert(RecordingWord.unwrap(word) << 88 == 0);
    }

    function check_RecordingFieldsAlone(uint256 raw, uint32 until) external pure {
        RecordingWord old = RecordingWord.wrap(raw);
        RecordingWord ended = old.withConsentUntil(until);
        assert(ended.consentUntil() == until);
        assert(RecordingWord.unwrap(ended) << 56 == raw << 56 || ended.consentUntil() != old.consentUntil());
        assert(ended.consentFrom() == old.consentFrom() && ended.uses() == old.uses());
        assert(ended.maxShare() == old.maxShare());
        assert(RecordingWord.unwrap(ended) << 88 == raw << 88);
    }

    function check_AccountSpendTakesFromEachWhatItSays(uint256 raw, uint64 price, uint48 fee, uint48 share)
        external
        pure
    {
        AccountWord old = AccountWord.wrap(raw);
        if (price > old.escrow()) return;
        if (fee > AccountWords.MOST_HELD - old.protocolFees() || share > AccountWords.MOST_HELD - old.pool()) return;

        AccountWord word = old.spend(price, fee, share);
        assert(word.escrow() == old.escrow() - price);
        assert(word.protocolFees() == old.protocolFees() + fee);
        assert(word.pool() == old.pool() + share);
        assert(AccountWord.unwrap(word) >> 160 == raw >> 160);
    }

    function check_AccountDepositAddsAlone(uint256 raw, uint64 amount) external pure {
        AccountWord old = AccountWord.wrap(raw);
        if (amount > AccountWords.MOST_ESCROW - old.escrow()) return;

        AccountWord word = old.deposit(amount);
        assert(word.escrow() == old.escrow() + amount);
        assert(AccountWord.unwrap(word) >> 64 == raw >> 64);
    }
}
