// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";

/// @notice What libraries/Packed.sol does, in plain Solidity: slower, and easy to believe.
library PackedPlain {
    function load(bytes memory data, uint256 offset) internal pure returns (bytes32 word) {
        for (uint256 i = 0; i < 32; i++) {
            word |= bytes32(data[offset + i]) >> (8 * i);
        }
    }

    function signature(bytes calldata list, uint256 index) internal pure returns (bytes32, bytes32, uint8) {
        bytes calldata one = list[65 * index:65 * index + 65];
        return (bytes32(one[:32]), bytes32(one[32:64]), uint8(one[64]));
    }

    function setId(uint256 threshold, address[] calldata signers) internal pure returns (bytes32) {
        return keccak256(abi.encode(threshold, signers));
    }

    function staticWord(address target, uint256 most, bytes memory data) internal view returns (bool, bytes32) {
        (bool ok, bytes memory answer) = target.staticcall{gas: most}(data);
        if (!ok || answer.length < 32) return (false, 0);
        return (true, load(answer, 0));
    }

    struct Credits {
        uint32[] ids;
        uint256[] amounts;
        uint256 pool;
        bool sound;
    }

    function credit(
        RecordingWord[2 ** 32] storage words,
        bytes calldata entries,
        uint256 royalty,
        uint256 made,
        uint256 use
    ) internal returns (Credits memory out) {
        uint256 count = entries.length / 8;
        out = Credits(new uint32[](count), new uint256[](count), 0, true);
        uint256 total;
        uint256 paid;
        for (uint256 i = 0; i < count; i++) {
            uint32 id = uint32(bytes4(entries[8 * i:8 * i + 4]));
            uint32 weight = uint32(bytes4(entries[8 * i + 4:8 * i + 8]));
            total += weight;
            uint256 amount = royalty * total / 1e6 - paid;
            paid += amount;
            (out.ids[i], out.amounts[i]) = (id, amount);
            bool ascends = i == 0 || id > out.ids[i - 1];
            out.sound = out.sound && ascends && weight != 0;
            if (id == 0 && i == 0) {
                out.pool = amount;
            } else {
                out.sound = _one(words, id, weight, amount, made, use) && id != 0 && out.sound;
            }
        }
        out.sound = out.sound && total == 1e6;
    }

    function _one(
        RecordingWord[2 ** 32] storage words,
        uint256 id,
        uint256 weight,
        uint256 amount,
        uint256 made,
        uint256 use
    ) private returns (bool) {
        RecordingWord word = words[id];
        words[id] = RecordingWord.wrap(RecordingWord.unwrap(word) + amount);
        bool inTime = word.consentFrom() <= made && made < word.consentUntil();
        bool permitted = word.uses() & use == use && weight <= word.maxShare() * 100;
        return inTime && permitted && amount <= type(uint56).max - word.matured();
    }

    function emitLog(Credits memory done, bytes32 order, address payer, address node, uint256[4] memory head) internal {
        emit IRoyaltyLedger.Settled(
            order, payer, node, bytes32(head[0]), head[1], head[2], head[3], done.ids, done.amounts
        );
    }
}
