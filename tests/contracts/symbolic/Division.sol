// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Buckets} from "../../../contracts/libraries/Buckets.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {RecordingWord, RecordingWords} from "../../../contracts/libraries/RecordingWords.sol";
import {vm} from "../support/Vm.sol";

/// @notice For any weights, the credits of the entries sum exactly to the royalty, and no recording loses money. No
/// solver divides bits well, so two facts about integers come from lemmas.smt2, where they are proved.
contract DivisionProof {
    uint256 private constant MADE = 1_750_000_000;
    uint256 private constant EPOCH = 9;

    RecordingWord[2 ** 32] private _words;

    function credit(bytes calldata entries, uint256 royalty) external returns (uint256 pool, bool sound) {
        return Packed.credit(Packed.newLog(entries.length), _words, entries, royalty, MADE, 1, EPOCH);
    }

    function check_One(uint48 royalty, uint32 a) external {
        _check(abi.encodePacked(uint32(1), a), 1, royalty);
    }

    function check_PoolAndOne(uint48 royalty, uint32 a, uint32 b) external {
        _check(abi.encodePacked(uint32(0), a, uint32(1), b), 1, royalty);
    }

    function check_Two(uint48 royalty, uint32 a, uint32 b) external {
        _check(abi.encodePacked(uint32(1), a, uint32(2), b), 2, royalty);
    }

    function check_Three(uint48 royalty, uint32 a, uint32 b, uint32 c) external {
        _check(abi.encodePacked(uint32(1), a, uint32(2), b, uint32(3), c), 3, royalty);
    }

    function check_PoolAndThree(uint48 royalty, uint32 a, uint32 b, uint32 c, uint32 d) external {
        _check(abi.encodePacked(uint32(0), a, uint32(1), b, uint32(2), c, uint32(3), d), 3, royalty);
    }

    function check_Four(uint48 royalty, uint32 a, uint32 b, uint32 c, uint32 d) external {
        _check(abi.encodePacked(uint32(1), a, uint32(2), b, uint32(3), c, uint32(4), d), 4, royalty);
    }

    function _check(bytes memory entries, uint256 recordings, uint48 royalty) private {
        _takeLemmas(entries, royalty);
        for (uint256 id = 1; id <= recordings; id++) {
            _words[id] = RecordingWords.pack(0, type(uint32).max, 15, 10_000).inEpoch(EPOCH);
        }
        (uint256 pool, bool sound) = this.credit(entries, royalty);
        if (!sound) return;

        uint256 sum = pool;
        for (uint256 id = 1; id <= recordings; id++) {
            (,, uint256 cur) = Buckets.read(RecordingWord.unwrap(_words[id]), EPOCH);
            sum += cur;
        }
        assert(sum == royalty);
    }

    function _takeLemmas(bytes memory entries, uint256 royalty) private pure {
        uint256 total;
        uint256 before;
        unchecked {
            for (uint256 i = 0; i < entries.length; i += 8) {
                total += uint32(uint256(Packed.load(entries, i)) >> 192);
                uint256 upTo = royalty * total / 1e6;
                vm.assume(before <= upTo);
                vm.assume(total != 1e6 || upTo == royalty);
                before = upTo;
            }
        }
    }
}
