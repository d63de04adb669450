// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountWord} from "./AccountWords.sol";
import {NodeWord} from "./NodeWords.sol";
import {OwnerWord} from "./OwnerWords.sol";
import {RecordingWord} from "./RecordingWords.sol";
import {SetWord} from "./SetWords.sol";

/// @notice Everything that a ledger keeps. The two arrays need no hash: a recording's slot is the array's plus its id.
/// @param count How many recordings there are, which is also the highest id.
/// @param past Consents that were replaced: the window, uses and share of `recording << 16 | version`.
/// @param offers To whom a recording is offered.
/// @param floors Price floors, four times 64 bits, the lowest tier lowest.
/// @param exits From when a payer may leave; zero when it has not asked.
/// @param active The active sets. A pause is written into the word of each, which a settlement reads anyway.
/// @param parked What the token refused to transfer.
/// @param accrued What waits for a holder who has not been found yet, by its claim key.
/// @param frozen What a court has frozen of an attestation; the top bit once it was released.
/// @param withdrawalNonces How many signed withdrawals a payee has made.
/// @param fees The protocol's fees that were swept; of a node's word it uses the bucket alone. They follow their receiver, and a
/// court finds them whoever that has become.
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

/// @notice Keeps the state before anything else, so that a recording's word lies in the slot of its own number: a settlement
/// has nothing to add to find it.
abstract contract Stateful {
    State internal _state;
}
