// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IRightsSplits
/// @notice Tables of holders: who gets which share of a recording's money.
///
/// A table is named by its content: the same payees with the same shares in the same order have one id, whoever asks.
/// Tables never change. They are kept as the code of a contract that cannot be called, so reading one is one load.
///
/// Warning: nobody is asked for agreement when named in a table. It only says where money goes, never where it is from.
interface IRightsSplits {
    event SplitCreated(uint32 indexed split, address[] payees, uint32[] shares);

    error RightsSplits_LengthsDiffer(uint256 payees, uint256 shares);
    error RightsSplits_PayeeCount(uint256 payees, uint256 most);
    error RightsSplits_NoPayee(uint256 index);
    error RightsSplits_RepeatedPayee(address payee);
    error RightsSplits_NoShare(uint256 index);
    error RightsSplits_SharesDoNotSum(uint256 total);
    error RightsSplits_Full(uint256 count);
    error RightsSplits_Unknown(uint256 split);

    /// @notice Stores a table and returns its id, or the id that it already has. Ids start at 1.
    /// @param payees Who is paid; none zero, none twice.
    /// @param shares What each is paid, in millionths; none zero, sum exactly 1,000,000.
    function create(address[] calldata payees, uint32[] calldata shares) external returns (uint32 split);

    /// @notice The table of an id. Reverts when there is none; 0 is not a table.
    function table(uint32 split) external view returns (address[] memory payees, uint32[] memory shares);

    /// @notice How many tables there are, which is also the highest id.
    function count() external view returns (uint256);
}
