// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "./ILedger.sol";

/// @notice The stage of a round.
enum Stage {
    CLOSED,
    COUNTING,
    PAYING
}

/// @notice The latest round; all zero before the first.
/// @param at The time whose consents count, in Unix seconds.
/// @param opened The time at which it was opened: one second later.
/// @param last The highest recording that may take part.
/// @param next The first recording of the next page.
/// @param members How many of the recordings counted so far take part.
/// @param amount The amount to divide, in the token's smallest unit.
/// @param share What each member gets; known once all are counted.
struct Round {
    uint40 at;
    uint40 opened;
    uint32 last;
    uint32 next;
    uint32 members;
    Stage stage;
    uint256 amount;
    uint256 share;
}

/// @title ITrainingPool
/// @notice Divides the training pool: the part of each generation that comes from the model itself (recording 0 of the
/// ledger), which is therefore owed to everything that the model was trained on.
///
/// The rule: in each round, every recording that consented to training at the round's time gets the same share. Anyone
/// opens a round, at most once in `PERIOD`. It draws what the ledger holds for the pool and can pay, and divides
/// everything that this contract has. The recordings are then counted page by page, and paid page by page, as a reward
/// that their holders withdraw from the ledger like any other credit. A remainder stays for the next round, and so does
/// the whole amount if nobody takes part.
///
/// The round's time is the second before the opening. The consents of that second are final, because consent only
/// applies forward: a count gives the same result at any later time, and an auditor finds the same from the ledger's
/// events.
///
/// Anyone may call every function here; a caller only spends gas. No page can block a round permanently: a page that is
/// too large for a block can be requested in smaller steps, and if a recording has no room for its share, anyone can
/// withdraw for it in the ledger first.
///
/// Warning: the ledger's `poolReceiver` has to be this contract; what the ledger pays to another receiver does not
/// arrive here.
/// Warning: equal shares reward quantity. Nobody checks here that the model was trained on a recording, or that the
/// recording is not a copy of another: if registering costs less than a share, registering noise is profitable.
/// `setReceivers` can replace this contract by one with a better rule.
/// Warning: a consent that is given just before a round and revoked after it takes part in full.
/// Warning: no page can be paid with a token that keeps a part of each transfer. Choose a token that does not.
interface ITrainingPool {
    event RoundOpened(uint256 indexed round, uint256 at, uint256 last, uint256 amount);

    /// @notice Recordings `from` to `to` are counted; `members` of all recordings counted so far take part.
    event Counted(uint256 indexed round, uint256 from, uint256 to, uint256 members);

    /// @notice All are counted: each of the `members` gets `share`, and `rest` stays for the next round.
    event Divided(uint256 indexed round, uint256 members, uint256 share, uint256 rest);

    /// @notice The members among recordings `from` to `to`, `number` of them, were paid (the ledger's `Rewarded` names
    /// them).
    event Paid(uint256 indexed round, uint256 from, uint256 to, uint256 number);

    event RoundClosed(uint256 indexed round);

    error TrainingPool_NotALedger(address ledger);
    error TrainingPool_NoPeriod();
    error TrainingPool_TooEarly(uint256 earliest, uint256 time);
    error TrainingPool_Unfinished(uint256 round, Stage stage);
    error TrainingPool_NothingToDivide();
    error TrainingPool_NotCounting(uint256 round, Stage stage);
    error TrainingPool_NotPaying(uint256 round, Stage stage);

    /// @notice Opens a round over what the ledger can pay to the pool and what this contract has.
    function open() external returns (uint256 round);

    /// @notice Counts up to `most` further recordings; with the last one it fixes the share. A recording takes about
    /// 9,000 gas, so one transaction can count about 1,800.
    function count(uint256 most) external;

    /// @notice Pays the members among up to `most` further recordings; with the last one it closes the round. A paid
    /// member takes about 10,000 gas, so one transaction can pay about 1,600.
    function pay(uint256 most) external;

    /// @notice The latest round.
    function latest() external view returns (uint256 round, Round memory state);

    /// @notice Whether a recording takes part in the latest round, among those counted so far.
    function isMember(uint32 recording) external view returns (bool);

    /// @notice The time from which the next round may be opened, if the latest one is closed.
    function nextOpening() external view returns (uint256);

    /// @notice The ledger whose pool is divided.
    function ledger() external view returns (ILedger);

    /// @notice The least seconds from one opening to the next.
    function PERIOD() external view returns (uint256);
}
