// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Packed} from "../../../contracts/libraries/Packed.sol";
import {RecordingWord} from "../../../contracts/libraries/RecordingWords.sol";
import {PackedPlain} from "./PackedPlain.sol";

/// @notice Credits in assembly and in plain Solidity, side by side, each with its own words in storage.
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

    /// @dev `terms` are royalty, time of making, use and epoch.
    function fastCredit(bytes calldata entries, uint256[4] calldata terms, uint256[4] calldata head)
        external
        returns (uint256 pool, bool sound)
    {
        _dirty();
        bytes memory log = Packed.newLog(entries.length);
        (pool, sound) = Packed.credit(log, fastWords, entries, terms[0], terms[1], terms[2], terms[3]);
        Packed.head(log, bytes32(head[0]), head[1], head[2], head[3]);
        Packed.emitLog(log, IRoyaltyLedger.Settled.selector, bytes32(terms[0]), address(this), msg.sender);
    }

    function plainCredit(bytes calldata entries, uint256[4] calldata terms, uint256[4] calldata head)
        external
        returns (uint256, bool)
    {
        PackedPlain.Credits memory done =
            PackedPlain.credit(plainWords, entries, PackedPlain.Terms(terms[0], terms[1], terms[2], terms[3]));
        PackedPlain.emitLog(done, bytes32(terms[0]), address(this), msg.sender, head);
        return (done.pool, done.sound);
    }

    function load(bytes memory data, uint256 offset) external pure returns (bytes32 fast, bytes32 plain) {
        return (Packed.load(data, offset), PackedPlain.load(data, offset));
    }

    function and(bool a, bool b) external pure returns (bool fast, bool plain) {
        return (Packed.and(a, b), PackedPlain.and(a, b));
    }

    function take(uint256 word, uint256 epoch)
        external
        pure
        returns (uint256 due, uint256 rest, uint256 plainDue, uint256 plainRest)
    {
        (due, rest) = Packed.take(word, epoch);
        (plainDue, plainRest) = PackedPlain.take(word, epoch);
    }

    /// @dev Logs one run, then another one in the same room, followed by the old content of memory.
    function fastRuns(uint256 most, uint32[] memory first, uint32[] memory second, address payee) external {
        _dirty();
        bytes memory run = Packed.newRun(most);
        bytes memory behind = abi.encode(first, second);
        bytes32 content = keccak256(behind);
        _push(run, first);
        Packed.emitRun(run, IPayouts.WithdrawnMany.selector, payee);
        _push(run, second);
        Packed.emitRun(run, IPayouts.WithdrawnMany.selector, payee);
        require(keccak256(behind) == content, "wrote beyond its room");
    }

    function _push(bytes memory run, uint32[] memory ids) private pure {
        for (uint256 i = 0; i < ids.length; i++) {
            Packed.push(run, ids[i], ~uint256(ids[i]));
        }
    }

    // Memory after the free pointer need not be zero.
    function _dirty() private pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for { let i := 0 } lt(i, 0x1000) { i := add(i, 0x20) } { mstore(add(free, i), not(0)) }
        }
    }
}
