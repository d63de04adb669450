// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";
import {PackedPlain} from "./PackedPlain.sol";

/// @notice The two ways side by side, each with its own words in storage.
contract PackedHarness {
    RecordingWord[2 ** 32] internal fastWords;
    RecordingWord[2 ** 32] internal plainWords;

    function write(uint256 id, uint256 word) external {
        fastWords[id] = RecordingWord.wrap(word);
        plainWords[id] = RecordingWord.wrap(word);
    }

    function read(uint256 id) external view returns (uint256 fast, uint256 plain) {
        return (RecordingWord.unwrap(fastWords[id]), RecordingWord.unwrap(plainWords[id]));
    }

    function fastCredit(bytes calldata entries, uint256 royalty, uint256 made, uint256 use, uint256[4] calldata head)
        external
        returns (uint256 pool, bool sound)
    {
        bytes memory log = Packed.newLog(entries.length);
        (pool, sound) = Packed.credit(log, fastWords, entries, royalty, made, use);
        Packed.head(log, bytes32(head[0]), head[1], head[2], head[3]);
        Packed.emitLog(log, IRoyaltyLedger.Settled.selector, bytes32(royalty), address(this), msg.sender);
    }

    function plainCredit(bytes calldata entries, uint256 royalty, uint256 made, uint256 use, uint256[4] calldata head)
        external
        returns (uint256, bool)
    {
        PackedPlain.Credits memory done = PackedPlain.credit(plainWords, entries, royalty, made, use);
        PackedPlain.emitLog(done, bytes32(royalty), address(this), msg.sender, head);
        return (done.pool, done.sound);
    }

    function load(bytes memory data, uint256 offset) external pure returns (bytes32 fast, bytes32 plain) {
        return (Packed.load(data, offset), PackedPlain.load(data, offset));
    }

    function fastSignature(bytes calldata list, uint256 index) external pure returns (bytes32, bytes32, uint8) {
        return Packed.signature(list, index);
    }

    function plainSignature(bytes calldata list, uint256 index) external pure returns (bytes32, bytes32, uint8) {
        return PackedPlain.signature(list, index);
    }

    function setId(uint256 threshold, address[] calldata signers) external pure returns (bytes32 fast, bytes32 plain) {
        return (Packed.setId(threshold, signers), PackedPlain.setId(threshold, signers));
    }

    function fastStaticWord(address target, uint256 most, bytes memory data) external view returns (bool, bytes32) {
        return Packed.staticWord(target, most, data);
    }

    function plainStaticWord(address target, uint256 most, bytes memory data) external view returns (bool, bytes32) {
        return PackedPlain.staticWord(target, most, data);
    }
}
