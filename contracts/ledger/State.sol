// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountWord} from "../libraries/AccountWords.sol";
import {NodeWord} from "../libraries/NodeWords.sol";
import {OwnerWord} from "../libraries/OwnerWords.sol";
import {RecordingWord} from "../libraries/RecordingWords.sol";
import {SetWord} from "../libraries/SetWords.sol";

// Top bit of a `State.frozen` entry: set when the attestation is released, so that it cannot be frozen a second time.
uint256 constant DONE = 1 << 255;

/// @notice Everything that a ledger stores. The two arrays need no hash: a recording's slot is the array's slot plus
/// the id.
/// @param count The number of recordings, which is also the highest id.
/// @param past Replaced consents: the window, uses and share, by `recording << 16 | version`.
/// @param offers The address that a recording is offered to.
/// @param floors Price floors, four times 64 bits, the lowest tier in the lowest bits.
/// @param exits The time from which a payer may leave; zero without a request.
/// @param active The active sets. A pause is written into the word of each, because a settlement reads that word
/// anyway.
/// @param parked Amounts whose transfer the token rejected.
/// @param accrued Amounts of holders whose address is not known yet, by claim key.
/// @param frozen The amount that a court has frozen of an attestation; DONE once it is released.
/// @param withdrawalNonces The number of signed withdrawals of a payee.
/// @param fees The swept protocol fees, in the bucket of a node's word; the other fields are not used. They belong to
/// the current receiver, and a court finds them here after a change of receiver too.
struct State {
    RecordingWord[2 ** 32] recordings;
    OwnerWord[2 ** 32] owners;
    uint256 count;
    mapping(uint256 key => RecordingWord word) past;
    mapping(uint32 recording => address to) offers;
    mapping(uint32 recording => uint256 perTier) floors;
    mapping(address payer => AccountWord word) accounts;
    mapping(address payer => uint256 from) exits;
    mapping(address node => NodeWord word) nodes;
    mapping(bytes32 set => SetWord word) sets;
    bytes32[] active;
    mapping(address payee => uint256 amount) parked;
    mapping(address holder => uint256 amount) accrued;
    mapping(address payee => uint256 nonce) withdrawalNonces;
    mapping(bytes32 attestation => uint256 amount) frozen;
    address protocolReceiver;
    bool paused;
    bool firstSetInstalled;
    NodeWord fees;
}

/// @notice Stores the state before anything else, so that a recording's word is in the slot with the number of its id:
/// a settlement adds nothing to find it.
abstract contract Stateful {
    State internal _state;
}
