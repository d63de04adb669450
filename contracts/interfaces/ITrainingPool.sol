// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IWholeLedger} from "./IWholeLedger.sol";

/// @notice What a round waits for.
enum Stage {
    CLOSED,
    COUNTING,
    PAYING
}

/// @notice The latest round; all zero before the first.
/// @param at The moment whose consents count, Unix seconds.
/// @param opened When it was opened: one second later.
/// @param last The highest recording that may take part.
/// @param next The recording that the next page begins with.
/// @param members How many of the recordings counted so far take part.
/// @param amount What there is to divide, in the token's smallest unit.
/// @param share What each of them gets; known once all are counted.
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
/// @notice Divides the training pool: what the model itself contributed to each generation (recording 0 of the ledger), and so
/// owes to everything that it was trained on.
///
/// The rule: in each round, every recording that consented to training at the round's moment gets the same. A round is opened
/// by anyone, at most once in `PERIOD`; it draws what the ledger holds for the pool and can pay, and divides all that this
/// contract has. Its recordings are then counted, page by page, and paid, page by page, as a reward that their holders
/// withdraw from the ledger like any other credit. What does not divide evenly stays for the next round, as does all of it where nobody
/// takes part.
///
/// The moment is the second before the opening. What stood then is settled: consents reach forward only, so a count gives the
/// same result whenever it is made, and an auditor finds the same from the ledger's events.
///
/// Anyone may call everything here; a caller gains nothing but gas spent. No page can stop a round for good: one that is too
/// large for a block is asked for in smaller steps, and where a recording has no room for its share, anyone withdraws for it
/// in the ledger first.
///
/// Warning: the ledger's `poolReceiver` has to be this contract; what it withdraws for another receiver does not come here.
/// Warning: equal shares reward numbers. Nobody checks here that a recording was in fact trained on, or is not a copy of another:
/// where registering costs less than a share, it pays to register noise. A better rule replaces this contract, by `setReceivers`.
/// Warning: a consent given just before a round and revoked after it takes part in full.
/// Warning: with a token that keeps a part of each transfer no page can be paid. Choose one that does not.
interface ITrainingPool {
    event RoundOpened(uint256 indexed round, uint256 at, uint256 last, uint256 amount);

    /// @notice Recordings `from` to `to` are counted; `members` take part, of all counted so far.
    event Counted(uint256 indexed round, uint256 from, uint256 to, uint256 members);

    /// @notice All are counted: each of the `members` gets `share`, and `rest` stays for the next round.
    event Divided(uint256 indexed round, uint256 members, uint256 share, uint256 rest);

    /// @notice The members among recordings `from` to `to`, `number` of them, were paid (they are named in the ledger's `Rewarded`).
    event Paid(uint256 indexed round, uint256 from, uint256 to, uint256 number);

    event RoundClosed(uint256 indexed round);

    error TrainingPool_NotALedger(address ledger);
    error TrainingPool_NoPeriod();
    error TrainingPool_TooEarly(uint256 earliest, uint256 time);
    error TrainingPool_Unfinished(uint256 round, Stage stage);
    error TrainingPool_NothingToDivide();
    error TrainingPool_NotCounting(uint256 round, Stage stage);
    error TrainingPool_NotPaying(uint256 round, Stage stage);

    /// @notice Opens a round over what the ledger can pay to the pool and what is here.
    function open() external returns (uint256 round);

    /// @notice Counts up to `most` further recordings; with the last of them fixes the share. About 9,000 gas for each, so at
    /// most some 1,800 in one transaction.
    function count(uint256 most) external;

    /// @notice Pays the members among up to `most` further recordings; with the last of them closes the round. About 10,000 gas
    /// for each that is paid, so at most some 1,600 in one transaction.
    function pay(uint256 most) external;

    /// @notice The latest round.
    function latest() external view returns (uint256 round, Round memory state);

    /// @notice Whether a recording takes part in the latest round, as far as that is counted.
    function isMember(uint32 recording) external view returns (bool);

    /// @notice From when the next round may be opened, the latest being closed.
    function nextOpening() external view returns (uint256);

    /// @notice The ledger whose pool is divided.
    function ledger() external view returns (IWholeLedger);

    /// @notice Least seconds from one opening to the next.
    function PERIOD() external view returns (uint256);
}
