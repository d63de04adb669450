// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Buckets} from "../../../contracts/libraries/Buckets.sol";
import {NodeWord, NodeWords} from "../../../contracts/libraries/NodeWords.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {RecordingWord, RecordingWords} from "../../../contracts/libraries/RecordingWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice For any bucket and any number of epochs: money moves from one field to the next and none appears or is lost,
/// and the bits above the bucket do not change.
contract BucketsProof {
    RecordingWord[2 ** 32] private _words;

    function _sum(uint256 word, uint256 now_) private pure returns (uint256) {
        (uint256 matured, uint256 prev, uint256 cur) = Buckets.read(word, now_);
        return matured + prev + cur;
    }

    function check_WaitingConserves(uint256 word, uint16 early, uint16 late) external pure {
        assert(_sum(word, early) == _sum(word, late));
    }

    function check_CreditAddsTheAmountAlone(uint256 word, uint48 amount, uint16 now_) external pure {
        (uint256 credited, bool fits) = Buckets.credit(word, amount, now_);
        if (!fits) return;

        (uint256 matured, uint256 prev, uint256 cur) = Buckets.read(word, now_);
        (uint256 matured2, uint256 prev2, uint256 cur2) = Buckets.read(credited, now_);
        assert(matured2 == matured && prev2 == prev && cur2 == cur + amount);
        assert(credited >> 168 == word >> 168);
    }

    function check_MaturedCreditAddsTheAmountAlone(uint256 word, uint256 amount, uint16 now_) external pure {
        (uint256 credited, bool fits) = Buckets.creditMatured(word, amount, now_);
        if (!fits) return;

        (uint256 matured, uint256 prev, uint256 cur) = Buckets.read(word, now_);
        (uint256 matured2, uint256 prev2, uint256 cur2) = Buckets.read(credited, now_);
        assert(matured2 == matured + amount && prev2 == prev && cur2 == cur);
        assert(credited >> 168 == word >> 168);
    }

    function check_DebitTakesTheAmountAlone(uint256 word, uint256 amount, uint16 now_) external pure {
        (uint256 debited, bool enough) = Buckets.debit(word, amount, now_);
        if (!enough) return;

        assert(_sum(debited, now_) + amount == _sum(word, now_));
        assert(Buckets.due(debited, now_) == Buckets.due(word, now_));
        assert(debited >> 168 == word >> 168);
    }

    function check_WithdrawalTakesWhatIsDueAlone(uint256 word, uint16 now_) external pure {
        (uint256 due, uint256 rest) = Packed.take(word, now_);
        assert(due == Buckets.due(word, now_));
        assert(Buckets.due(rest, now_) == 0);
        assert(_sum(rest, now_) + due == _sum(word, now_));
        assert(rest >> 168 == word >> 168);
    }

    /// @dev A credit is due from the second epoch after its own, and can be debited until then.
    function check_CreditWaitsTwoEpochs(uint256 word, uint48 amount, uint16 now_) external pure {
        (uint256 credited, bool fits) = Buckets.credit(word, amount, now_);
        if (!fits) return;

        unchecked {
            uint256 next = uint16(now_ + 1);
            uint256 second = uint16(now_ + 2);
            assert(Buckets.due(credited, now_) == Buckets.due(word, now_));
            (, uint256 prev, uint256 cur) = Buckets.read(credited, next);
            assert(prev >= amount && cur == 0);
            assert(Buckets.due(credited, second) == _sum(credited, now_));
        }
    }

    /// @dev The amount due never decreases later, until the count of epochs wraps.
    function check_DueOnlyGrows(uint256 word, uint16 age, uint16 more) external pure {
        unchecked {
            uint16 epoch = uint16(word >> 152);
            if (uint256(age) + more > type(uint16).max) return;
            assert(Buckets.due(word, uint16(epoch + age)) <= Buckets.due(word, uint16(epoch + age + more)));
        }
    }

    /// @dev A settlement through a node: the fee goes into its bucket, the price into the sum of this epoch, and
    /// nothing else changes.
    function check_ANodeSettles(uint256 raw, uint48 price, uint48 fee, uint16 now_) external pure {
        NodeWord word = NodeWord.wrap(raw);
        (NodeWord settled, bool fits) = word.settle(fee, price, now_);
        if (!fits) return;

        assert(settled.spent(now_) == word.spent(now_) + price);
        assert(_sum(NodeWord.unwrap(settled), now_) == _sum(raw, now_) + fee);
        assert(settled.due(now_) == word.due(now_));
        assert(settled.isAllowed() == word.isAllowed());
    }

    /// @dev Moving a node's bucket on keeps the sum of this epoch, and forgets that of another epoch.
    function check_ANodeIsPaid(uint256 raw, uint16 now_) external pure {
        NodeWord word = NodeWord.wrap(raw);
        (uint256 amount, NodeWord rest) = word.take(now_);
        assert(amount == word.due(now_) && rest.due(now_) == 0);
        assert(_sum(NodeWord.unwrap(rest), now_) + amount == _sum(raw, now_));
        assert(rest.spent(now_) == word.spent(now_));
        assert(rest.isAllowed() == word.isAllowed());
    }

    /// @dev What a settlement credits in assembly equals `credit` in plain Solidity, in any epoch and for any word. If
    /// there is no room, the settlement reverts.
    function check_ASettlementCreditsTheSame(uint256 raw, uint48 royalty, uint16 now_) external {
        RecordingWord consent = RecordingWords.pack(0, type(uint32).max, 15, 10_000);
        RecordingWord word = RecordingWord.wrap(raw).withConsent(consent);
        _words[1] = word;
        unchecked {
            // See lemmas.smt2.
            vm.assume(uint256(royalty) * 1e6 / 1e6 == royalty);
        }
        (, bool sound) = this.settle(abi.encodePacked(uint32(1), uint32(1e6)), royalty, now_);

        (RecordingWord plain, bool fits) = word.credit(royalty, now_);
        assert(sound == fits);
        assert(!fits || RecordingWord.unwrap(_words[1]) == RecordingWord.unwrap(plain));
    }

    function settle(bytes calldata entries, uint256 royalty, uint256 now_) external returns (uint256, bool) {
        return Packed.credit(Packed.newLog(entries.length), _words, entries, royalty, 1, 1, now_);
    }
}
