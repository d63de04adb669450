// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Buckets} from "../../../contracts/libraries/Buckets.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Money that passes a dispute window, word by word. See Buckets.tree.
contract BucketsTest {
    uint256 private constant HIGH = 1 << 168;
    uint256 private constant WRAP = 65_536;

    /// @dev A credit in the model: an amount and the true epoch of the credit.
    struct Credit {
        uint256 amount;
        uint256 epoch;
    }

    Credit[] internal credits;
    uint256 internal matured;

    function _credit(uint256 word, uint256 amount, uint256 epoch) internal pure returns (uint256 next) {
        bool fits;
        (next, fits) = Buckets.credit(word, amount, epoch);
        vm.assertTrue(fits, "fits");
    }

    function _rest(uint256 word, uint256 epoch) internal pure returns (uint256 rest) {
        (, rest) = Packed.take(word, epoch);
    }

    function _reads(uint256 word, uint256 epoch, uint256 due, uint256 prev, uint256 cur) internal pure {
        (uint256 m, uint256 p, uint256 c) = Buckets.read(word, epoch);
        vm.assertEq(m, due, "matured");
        vm.assertEq(p, prev, "prev");
        vm.assertEq(c, cur, "cur");
        vm.assertEq(Buckets.due(word, epoch), due, "due");
    }

    function test_ACreditWaitsTwoEpochs() public pure {
        uint256 word = _credit(0, 100, 7);
        _reads(word, 7, 0, 0, 100);
        _reads(word, 8, 0, 100, 0);
        _reads(word, 9, 100, 0, 0);
        _reads(word, 10, 100, 0, 0);
    }

    function test_CreditsOfSeveralEpochsAreKeptApart() public pure {
        uint256 word = _credit(_credit(_credit(0, 1, 7), 20, 8), 300, 8);
        _reads(word, 8, 0, 1, 320);
        _reads(word, 9, 1, 320, 0);
        _reads(word, 10, 321, 0, 0);
        _reads(_credit(word, 4_000, 9), 9, 1, 320, 4_000);
        _reads(_credit(word, 4_000, 10), 10, 321, 0, 4_000);
    }

    function test_TheEpochIsCountedModulo65536() public pure {
        vm.assertEq(Buckets.epochOf(65_535 * 7 days, 7 days), 65_535, "last");
        vm.assertEq(Buckets.epochOf(65_536 * 7 days - 1, 7 days), 65_535, "last second");
        vm.assertEq(Buckets.epochOf(65_536 * 7 days, 7 days), 0, "round");
        vm.assertEq(Buckets.epochOf(65_537 * 7 days, 7 days), 1, "and on");
        uint256 word = _credit(0, 100, 65_535);
        _reads(word, 65_535, 0, 0, 100);
        _reads(word, 0, 0, 100, 0);
        _reads(word, 1, 100, 0, 0);
    }

    function test_NoGapPaysEarly() public pure {
        uint256 word = _credit(_credit(0, 10, 40_000), 5, 40_001);
        for (uint256 gap = 2; gap < WRAP; gap++) {
            uint256 due = Buckets.due(word, (40_001 + gap) % WRAP);
            if (due != 15) vm.assertEq(due, 15, "due");
        }
        // After exactly 65,536 idle epochs it looks fresh, and waits again.
        _reads(word, 40_001, 0, 10, 5);
        _reads(word, 40_002, 10, 5, 0);
    }

    function test_WithdrawingLeavesWhatIsDisputable() public pure {
        uint256 word = _credit(_credit(HIGH * 9, 10, 7), 5, 8);
        _reads(_rest(word, 8), 8, 0, 10, 5);
        _reads(_rest(word, 9), 9, 0, 5, 0);
        _reads(_rest(word, 10), 10, 0, 0, 0);
        vm.assertEq(_rest(word, 10) >> 168, 9, "above the bucket");
    }

    function test_ACreditThatItsFieldCannotHoldDoesNotFit() public pure {
        (uint256 word, bool fits) = Buckets.credit(0, Buckets.MOST_HELD, 7);
        vm.assertTrue(fits, "the most");
        (, fits) = Buckets.credit(word, 1, 7);
        vm.assertTrue(!fits, "one more");
        (, fits) = Buckets.credit(word, 1, 8);
        vm.assertTrue(fits, "the next epoch");
        (, fits) = Buckets.credit(0, type(uint128).max, 7);
        vm.assertTrue(!fits, "far too much");
    }

    function test_ACreditDoesNotFitWhereTooMuchMatures() public pure {
        uint256 word = _credit(Buckets.MOST_MATURED - 5, 6, 1);
        (, bool fits) = Buckets.credit(word, 0, 2);
        vm.assertTrue(fits, "before it matures");
        (, fits) = Buckets.credit(word, 0, 3);
        vm.assertTrue(!fits, "after");
        _reads(word, 3, Buckets.MOST_MATURED + 1, 0, 0);
        _reads(_rest(word, 3), 3, 0, 0, 0);
    }

    function test_AMaturedCreditIsDueAtOnce() public pure {
        uint256 word = _credit(HIGH * 3, 10, 7);
        (uint256 next, bool fits) = Buckets.creditMatured(word, 5, 7);
        vm.assertTrue(fits, "fits");
        _reads(next, 7, 5, 0, 10);
        (next, fits) = Buckets.creditMatured(word, 5, 8);
        _reads(next, 8, 5, 10, 0);
        vm.assertEq(next >> 168, 3, "above the bucket");

        (, fits) = Buckets.creditMatured(word, Buckets.MOST_MATURED, 8);
        vm.assertTrue(fits, "the most");
        (, fits) = Buckets.creditMatured(word, Buckets.MOST_MATURED, 9);
        vm.assertTrue(!fits, "with what matures");
        (, fits) = Buckets.creditMatured(0, Buckets.MOST_MATURED + 1, 9);
        vm.assertTrue(!fits, "alone");
        (, fits) = Buckets.creditMatured(1, type(uint256).max >> 1, 9);
        vm.assertTrue(!fits, "far too much");
    }

    function test_ADebitTakesTheOlderPartFirst() public pure {
        uint256 word = _credit(_credit(_credit(HIGH * 3, 1, 6), 10, 7), 5, 8);
        (uint256 next, bool enough) = Buckets.debit(word, 4, 8);
        vm.assertTrue(enough, "some");
        _reads(next, 8, 1, 6, 5);
        (next, enough) = Buckets.debit(word, 12, 8);
        _reads(next, 8, 1, 0, 3);
        (next, enough) = Buckets.debit(word, 15, 8);
        vm.assertTrue(enough, "all");
        _reads(next, 8, 1, 0, 0);
        vm.assertEq(next >> 168, 3, "above the bucket");
    }

    function test_ADebitNeverTakesWhatHasMatured() public pure {
        uint256 word = _credit(_credit(100, 10, 7), 5, 8);
        (uint256 next, bool enough) = Buckets.debit(word, 16, 8);
        vm.assertTrue(!enough && next == word, "untouched");
        (next, enough) = Buckets.debit(word, 5, 9);
        vm.assertTrue(enough, "what is left open");
        _reads(next, 9, 110, 0, 0);
        (next, enough) = Buckets.debit(word, 6, 9);
        vm.assertTrue(!enough && next == word, "more than that");

        word = _credit(Buckets.MOST_MATURED, 10, 7);
        (, enough) = Buckets.debit(word, 0, 9);
        vm.assertTrue(!enough, "what has matured does not fit");
        word = _credit(Buckets.MOST_MATURED - 10, 10, 7);
        (next, enough) = Buckets.debit(word, 0, 9);
        vm.assertTrue(enough && next & Buckets.MOST_MATURED == Buckets.MOST_MATURED, "just fits");
    }

    /// @dev Compares any credits, debits and withdrawals over any epochs with a list of credits.
    function testFuzz_AgainstAListOfCredits(uint256 seed) public {
        uint256 word = HIGH * 5;
        uint256 epoch = seed % (2 * WRAP);
        uint256 last = epoch;
        for (uint256 i = 0; i < 24; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 gap = (seed >> 8) % 8;
            epoch += gap < 6 ? gap / 2 : (seed >> 16) % (last + WRAP - epoch);
            uint256 next = _act(word, epoch, seed >> 64);
            if (next != word) (word, last) = (next, epoch);
            _agrees(word, epoch);
        }
        vm.assertEq(word >> 168, 5, "above the bucket");
    }

    function _act(uint256 word, uint256 epoch, uint256 dice) private returns (uint256 next) {
        uint256 now_ = epoch % WRAP;
        uint256 amount = (dice >> 8) % 1e6;
        if (dice % 4 < 2) {
            next = _credit(word, amount, now_);
            credits.push(Credit(amount, epoch));
        } else if (dice % 4 == 2) {
            uint256 amount_;
            (amount_, next) = Packed.take(word, now_);
            _mature(epoch);
            vm.assertEq(amount_, matured, "taken");
            matured = 0;
        } else {
            bool enough;
            (next, enough) = Buckets.debit(word, amount, now_);
            vm.assertEq(enough, amount <= _open(epoch), "enough");
            if (enough) _takeOldest(amount, epoch);
        }
    }

    function _agrees(uint256 word, uint256 epoch) private {
        _mature(epoch);
        (uint256 due, uint256 prev, uint256 cur) = Buckets.read(word, epoch % WRAP);
        vm.assertEq(due, matured, "matured");
        vm.assertEq(prev + cur, _open(epoch), "open");
    }

    function _mature(uint256 epoch) private {
        for (uint256 i = 0; i < credits.length; i++) {
            if (credits[i].epoch + 1 >= epoch) continue;
            matured += credits[i].amount;
            credits[i].amount = 0;
        }
    }

    function _open(uint256 epoch) private view returns (uint256 total) {
        for (uint256 i = 0; i < credits.length; i++) {
            if (credits[i].epoch + 1 >= epoch) total += credits[i].amount;
        }
    }

    function _takeOldest(uint256 amount, uint256 epoch) private {
        for (uint256 i = 0; i < credits.length; i++) {
            if (credits[i].epoch + 1 < epoch) continue;
            uint256 part = amount < credits[i].amount ? amount : credits[i].amount;
            credits[i].amount -= part;
            amount -= part;
        }
    }
}
