// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Form, IRightsSplits, Recoupment, Shape} from "../interfaces/IRightsSplits.sol";
import {Blobs} from "../libraries/Blobs.sol";
import {Packed} from "../libraries/Packed.sol";
import {RowWord, RowWords} from "../libraries/RowWords.sol";

/// @title SplitStore
/// @notice Stores splits by their content, permanently. See IRightsSplits.
abstract contract SplitStore is IRightsSplits {
    /// @notice The most rows of a split, including those of inner splits.
    uint256 public constant MOST_ROWS = 100;

    /// @notice The most levels of a table or a recoupment; a split into master and publishing is allowed above that.
    uint256 public constant MOST_DEPTH = 3;

    // Stored bytes of a table, or of a split into master and publishing: form, rows. Of a recoupment: form, table u32,
    // recipient u160, amount u128, deal.
    uint256 private constant CONTENT = Blobs.START + 1;
    uint256 private constant RECIPIENT = CONTENT + 4;
    uint256 private constant AMOUNT = RECIPIENT + 20;
    uint256 private constant DEAL = AMOUNT + 16;

    // The sizes are stored with the address, so that a split which names another one reads a single slot of it.
    struct Split {
        address blob;
        Form form;
        uint8 depth;
        uint8 rows;
        uint8 deals;
    }

    /// @inheritdoc IRightsSplits
    uint256 public count;

    mapping(uint256 split => Split kept) private _splits;
    mapping(bytes32 content => uint32 split) private _ids;

    /// @inheritdoc IRightsSplits
    function shape(uint32 split) public view returns (Shape memory) {
        Split memory kept = _splits[split];
        require(kept.blob != address(0), RightsSplits_Unknown(split));

        return Shape(kept.form, kept.depth, kept.rows, kept.deals);
    }

    /// @dev The id of the content in `packed`, and whether it is new.
    function _store(Shape memory sizes, bytes memory packed) internal returns (uint32 split, bool isNew) {
        uint256 most = sizes.form == Form.MASTER_PUBLISHING ? MOST_DEPTH + 1 : MOST_DEPTH;
        require(sizes.depth <= most, RightsSplits_TooDeep(sizes.depth, most));
        require(sizes.rows <= MOST_ROWS, RightsSplits_TooManyRows(sizes.rows, MOST_ROWS));
        bytes32 content = keccak256(packed);
        split = _ids[content];
        if (split != 0) return (split, false);

        require(count < type(uint32).max, RightsSplits_Full(count));
        split = uint32(++count);
        isNew = true;
        _ids[content] = split;
        _splits[split] =
            Split(Blobs.write(packed), sizes.form, uint8(sizes.depth), uint8(sizes.rows), uint8(sizes.deals));
    }

    /// @dev The stored bytes of an existing split.
    function _code(uint32 split) internal view returns (bytes memory) {
        return Blobs.read(_splits[split].blob);
    }

    function _pack(Form form, RowWord[] memory words) internal pure returns (bytes memory packed) {
        packed = abi.encodePacked(form);
        for (uint256 i = 0; i < words.length; i++) {
            packed = abi.encodePacked(packed, words[i].toBytes());
        }
    }

    function _pack(Recoupment memory deal) internal pure returns (bytes memory) {
        return abi.encodePacked(Form.RECOUPMENT, deal.table, deal.recipient, deal.amount, deal.deal);
    }

    function _form(bytes memory code) internal pure returns (Form) {
        return Form(uint8(code[Blobs.START]));
    }

    function _rows(bytes memory code) internal pure returns (RowWord[] memory words) {
        words = new RowWord[]((code.length - CONTENT) / RowWords.SIZE);
        for (uint256 i = 0; i < words.length; i++) {
            words[i] = RowWords.fromBytes(Packed.load(code, CONTENT + i * RowWords.SIZE));
        }
    }

    function _recoupment(bytes memory code) internal pure returns (Recoupment memory) {
        return Recoupment({
            table: uint32(bytes4(Packed.load(code, CONTENT))),
            recipient: address(bytes20(Packed.load(code, RECIPIENT))),
            amount: uint128(bytes16(Packed.load(code, AMOUNT))),
            deal: Packed.load(code, DEAL)
        });
    }
}
