// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IClaims} from "./IClaims.sol";

/// @notice What a row names: a payee, another split, or a payee whose address is not known yet (see IClaims).
enum Kind {
    HOLDER,
    TABLE,
    PENDING
}

/// @notice The form of a split.
enum Form {
    TABLE,
    MASTER_PUBLISHING,
    RECOUPMENT
}

/// @param payee For HOLDER the payee, for PENDING the address of the claim key, for TABLE zero.
/// @param table For TABLE the id of a table or a recoupment, otherwise zero.
/// @param share In millionths of what the table gets.
struct Row {
    Kind kind;
    address payee;
    uint32 table;
    uint32 share;
}

/// @param table The table or recoupment that gets the money once `amount` is recouped.
/// @param recipient The payee of the first `amount`.
/// @param amount In units of the token that the ledger pays in.
/// @param deal Any value; it distinguishes two deals with the same figures.
struct Recoupment {
    uint32 table;
    address recipient;
    uint128 amount;
    bytes32 deal;
}

/// @param depth The number of levels: 1 for a plain table, for any other split one more than the deepest split that it
/// names.
/// @param rows The number of payees that `divide` returns, counted as often as they occur at any level.
/// @param deals The number of recoupments in it, itself included.
struct Shape {
    Form form;
    uint256 depth;
    uint256 rows;
    uint256 deals;
}

/// @title IRightsSplits
/// @notice Splits: which payee gets which share of a recording's money.
///
/// A *table* has rows: each names a payee or another split, with its share. A *split into master and publishing*
/// (`createPies`) names two tables of a recording, one for the recording and one for the composition, and the master's
/// share of the money; each of the two is complete in itself. A *recoupment* pays a first amount to one recipient (who
/// paid an advance) and everything after that to a table.
///
/// The id of a split follows from its content: to create it again, from any account, returns the existing id. Ids start
/// at 1 and have no gaps; 0 is no split. A split never changes and can name only existing splits, so none can contain
/// itself. Splits are stored as the code of contracts that do nothing when they are called, so one load reads a split.
///
/// A table and a recoupment each count as a level, and there are at most 3 levels. A split into master and publishing
/// is allowed above that limit, and no split can name it. Any split has at most 100 rows in total. So `divide` always
/// ends: the most expensive split takes less than 3,000,000 gas.
///
/// Rounding: of `amount` a row gets `floor(amount * upTo / 1e6) - floor(amount * before / 1e6)`, where `before` and
/// `upTo` are the sums of the shares before the row and including it. The amount of an inner split is divided by the
/// same rule. So the parts always sum exactly to the amount. A split into master and publishing has two rows, the
/// master's first.
///
/// Recoupments: the amount recouped so far is stored by ledger and split, and only `divide` changes it.
///
/// Warning: nobody has to agree to be named. A split only says where money goes, never where it comes from.
/// Warning: a recoupment counts for each ledger separately. Two ledgers that pay through it each recoup the whole
/// amount, in their own token.
/// Warning: all money that passes through one recoupment counts towards it, from every recording and table that uses
/// it. If that is not intended, give each its own `deal`.
/// Warning: an amount counts as recouped once it is divided, even if its recipient could not receive it then.
/// Warning: a payee may be named in several tables of one split; `divide` then returns it several times.
interface IRightsSplits is IClaims {
    /// @notice A table that names only known payees.
    event SplitCreated(uint32 indexed split, address[] payees, uint32[] shares);

    /// @notice Any other table: its rows by column, with zero if a row has no payee or no table.
    event TableCreated(uint32 indexed split, Kind[] kinds, address[] payees, uint32[] tables, uint32[] shares);

    event PiesCreated(uint32 indexed split, uint32 master, uint32 publishing, uint32 masterShare);

    event RecoupmentCreated(uint32 indexed split, uint32 table, address recipient, uint128 amount, bytes32 deal);

    /// @notice `amount` was recouped now, `total` so far.
    event Recouped(address indexed ledger, uint32 indexed split, uint256 amount, uint256 total);

    /// @notice The whole amount is recouped: from the next unit on the money goes to the table.
    event RecoupmentDone(address indexed ledger, uint32 indexed split);

    error RightsSplits_LengthsDiffer(uint256 payees, uint256 shares);
    error RightsSplits_PayeeCount(uint256 payees, uint256 most);
    error RightsSplits_NoPayee(uint256 index);
    error RightsSplits_Ambiguous(uint256 index);
    error RightsSplits_RepeatedPayee(address payee);
    error RightsSplits_RepeatedTable(uint256 table);
    error RightsSplits_NoShare(uint256 index);
    error RightsSplits_SharesDoNotSum(uint256 total);
    error RightsSplits_MasterShare(uint256 share);
    error RightsSplits_NoAmount();
    error RightsSplits_PiesInside(uint256 split);
    error RightsSplits_TooDeep(uint256 depth, uint256 most);
    error RightsSplits_TooManyRows(uint256 rows, uint256 most);
    error RightsSplits_Full(uint256 count);
    error RightsSplits_Unknown(uint256 split);
    error RightsSplits_OtherForm(uint256 split, Form form);
    error RightsSplits_NotPlain(uint256 split);

    /// @notice Stores a table of known payees and returns its id, or the id that it already has.
    /// @param payees The payees; none zero, none twice.
    /// @param shares The share of each payee in millionths; none zero, and the sum is exactly 1,000,000.
    function create(address[] calldata payees, uint32[] calldata shares) external returns (uint32 split);

    /// @notice Stores a table of rows of any kind. The rules of `create` apply; no table may be named twice either.
    function createTable(Row[] calldata given) external returns (uint32 split);

    /// @notice Stores a split into master and publishing. The two may be the same table, for example if an artist holds
    /// all rights.
    /// @param master The table or recoupment of those who hold the recording.
    /// @param publishing The table or recoupment of those who hold the composition.
    /// @param masterShare The master's share of the money in millionths, neither nothing nor all; publishing gets the
    /// rest.
    function createPies(uint32 master, uint32 publishing, uint32 masterShare) external returns (uint32 split);

    /// @notice Stores a recoupment. See the struct Recoupment for its terms; only `deal` may be zero.
    /// @param through The struct's `table`.
    function createRecoupment(uint32 through, address recipient, uint128 amount, bytes32 deal)
        external
        returns (uint32 split);

    /// @notice Divides `amount` for the caller, who pays it out now: what passes through recoupments counts as
    /// recouped. Rows are in order of payment: those of an inner split at its place, a recoupment's recipient before
    /// its table. A part may be zero. Reverts if there is no such split, and for no other reason if the amount is below
    /// 2^64.
    ///
    /// Warning: call it once for each payment, and pay exactly what it returns.
    /// @return payees The payees; if a claim key was claimed, the address that it named.
    /// @return amounts The amount of each payee.
    /// @return pending Whether the payee is an unclaimed claim key: the money must then wait under its address until
    /// `claimedBy` returns a payee.
    function divide(uint32 split, uint256 amount)
        external
        returns (address[] memory payees, uint256[] memory amounts, bool[] memory pending);

    /// @notice What `divide` would return to `ledger` now.
    function preview(address ledger, uint32 split, uint256 amount)
        external
        view
        returns (address[] memory payees, uint256[] memory amounts, bool[] memory pending);

    /// @notice How much of a recoupment the payments of `ledger` have recouped; zero for any other split.
    function recouped(address ledger, uint32 split) external view returns (uint256);

    /// @notice The form and size of a split.
    function shape(uint32 split) external view returns (Shape memory);

    /// @notice The payees and shares of a table of known payees only.
    function table(uint32 split) external view returns (address[] memory payees, uint32[] memory shares);

    /// @notice The rows of any table.
    function rows(uint32 split) external view returns (Row[] memory);

    /// @notice The parts of a split into master and publishing.
    function pies(uint32 split) external view returns (uint32 master, uint32 publishing, uint32 masterShare);

    /// @notice The terms of a recoupment.
    function recoupment(uint32 split) external view returns (Recoupment memory);

    /// @notice The number of splits, which is also the highest id.
    function count() external view returns (uint256);
}
