// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IClaims} from "./IClaims.sol";

/// @notice What a row names: a payee, another split, or a payee whose address is not known yet (see IClaims).
enum Kind {
    HOLDER,
    TABLE,
    PENDING
}

/// @notice What a split is.
enum Form {
    TABLE,
    PIES,
    RECOUPMENT
}

/// @param payee Of HOLDER the payee, of PENDING the address of the claim key, of TABLE zero.
/// @param table Of TABLE the id of a table or a recoupment, of the others zero.
/// @param share In millionths of what the table gets.
struct Row {
    Kind kind;
    address payee;
    uint32 table;
    uint32 share;
}

/// @param table What the money goes through once `amount` is recouped: a table or a recoupment.
/// @param recipient Who gets the first `amount`.
/// @param amount In units of the token that the ledger pays in.
/// @param deal Any value; makes two deals with the same figures different.
struct Recoupment {
    uint32 table;
    address recipient;
    uint128 amount;
    bytes32 deal;
}

/// @param depth How many splits deep: a plain table 1, any other split one more than the deepest that it names.
/// @param rows How many payees `divide` names, each as often as it stands anywhere below.
/// @param deals How many recoupments stand in it, itself included.
struct Shape {
    Form form;
    uint256 depth;
    uint256 rows;
    uint256 deals;
}

/// @title IRightsSplits
/// @notice Splits: who gets which share of a recording's money.
///
/// A *table* has rows, each a payee or another split with its share. *Pies* are the two tables of a recording, the master's
/// and the publishing's, each a whole of its own, with the master's share of the money. A *recoupment* hands the first
/// so much to one recipient (who paid an advance) and everything after that on to a table.
///
/// A split is named by its content: asked for again, by whomever, it has the id that it has. Ids start at 1 and follow each
/// other; 0 is no split. A split never changes and can only name splits that are there already, so none can contain itself.
/// Splits are kept as the code of contracts that cannot be called, so reading one is one load.
///
/// A table and a recoupment each count as a level: at most 3 levels. Pies stand above that limit, and nothing may name
/// them. Any split has at most 100 rows in the end. So `divide` always ends: the worst there is takes under 3,000,000 gas.
///
/// Rounding: of `amount` a row gets `floor(amount * upTo / 1e6) - floor(amount * before / 1e6)`, where `before` and `upTo`
/// are the sums of the shares before it and up to it. What a split inside gets is divided by the same rule. So the parts
/// always sum exactly to the amount. Pies are two rows, the master's first.
///
/// Recoupments: how much has been recouped is known by ledger and split, and `divide` alone moves it.
///
/// Warning: nobody is asked for agreement when named. A split only says where money goes, never where it is from.
/// Warning: a recoupment is per ledger. Two ledgers that pay through it each recoup the whole amount, in their own token.
/// Warning: all money that passes through one recoupment counts towards it, from whichever recordings and tables, so those
/// recoup together. Where that is not the deal, give each its own `deal`.
/// Warning: an amount counts as recouped once divided, whether or not its recipient could receive it then.
/// Warning: a payee may stand in several tables of one split, and then comes up several times in what `divide` returns.
interface IRightsSplits is IClaims {
    /// @notice A table of nothing but known payees.
    event SplitCreated(uint32 indexed split, address[] payees, uint32[] shares);

    /// @notice Any other table: its rows by column, with zero where a row has no payee or no table.
    event TableCreated(uint32 indexed split, Kind[] kinds, address[] payees, uint32[] tables, uint32[] shares);

    event PiesCreated(uint32 indexed split, uint32 master, uint32 publishing, uint32 masterShare);

    event RecoupmentCreated(uint32 indexed split, uint32 table, address recipient, uint128 amount, bytes32 deal);

    /// @notice `amount` has been recouped just now, `total` so far.
    event Recouped(address indexed ledger, uint32 indexed split, uint256 amount, uint256 total);

    /// @notice All of it has been recouped: from the next unit on the money goes through the table.
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
    /// @param payees Who is paid; none zero, none twice.
    /// @param shares What each is paid, in millionths; none zero, sum exactly 1,000,000.
    function create(address[] calldata payees, uint32[] calldata shares) external returns (uint32 split);

    /// @notice Stores a table of rows of any kind. The rules of `create` hold; no table twice either.
    function createTable(Row[] calldata given) external returns (uint32 split);

    /// @notice Stores a recording's two pies. They may be the same: of an artist who holds all rights, say.
    /// @param master The table or recoupment of those who hold the recording.
    /// @param publishing The table or recoupment of those who hold the composition.
    /// @param masterShare The master's share of the money in millionths, neither nothing nor all; the rest is publishing's.
    function createPies(uint32 master, uint32 publishing, uint32 masterShare) external returns (uint32 split);

    /// @notice Stores a recoupment. See the struct Recoupment for its terms, of which only `deal` may be zero.
    /// @param through The struct's `table`.
    function createRecoupment(uint32 through, address recipient, uint128 amount, bytes32 deal)
        external
        returns (uint32 split);

    /// @notice Divides `amount` for the caller, who now pays it out: what passes through recoupments counts as recouped.
    /// Rows in order of payment, those of a split inside in its place, a recoupment's recipient before its table. A part
    /// may be zero. Reverts when there is no such split, and else for no amount below 2^64.
    ///
    /// Warning: call it once for each payment, and pay exactly what it says.
    /// @return payees Who is paid; where a claim key has been claimed, who claimed it.
    /// @return amounts What each is paid.
    /// @return pending Whether the payee is a claim key that has not been claimed: then the money has to wait under its
    /// address until `claimedBy` says whom to pay.
    function divide(uint32 split, uint256 amount)
        external
        returns (address[] memory payees, uint256[] memory amounts, bool[] memory pending);

    /// @notice What `divide` would return to `ledger` now.
    function preview(address ledger, uint32 split, uint256 amount)
        external
        view
        returns (address[] memory payees, uint256[] memory amounts, bool[] memory pending);

    /// @notice How much of a recoupment has been recouped by the payments of `ledger`. Zero for anything else.
    function recouped(address ledger, uint32 split) external view returns (uint256);

    /// @notice Of which form and size a split is.
    function shape(uint32 split) external view returns (Shape memory);

    /// @notice The payees and shares of a table of known payees only.
    function table(uint32 split) external view returns (address[] memory payees, uint32[] memory shares);

    /// @notice The rows of any table.
    function rows(uint32 split) external view returns (Row[] memory);

    /// @notice What pies consist of.
    function pies(uint32 split) external view returns (uint32 master, uint32 publishing, uint32 masterShare);

    /// @notice What a recoupment consists of.
    function recoupment(uint32 split) external view returns (Recoupment memory);

    /// @notice How many splits there are, which is also the highest id.
    function count() external view returns (uint256);
}
