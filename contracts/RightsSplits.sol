// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRightsSplits} from "./interfaces/IRightsSplits.sol";
import {Blobs} from "./libraries/Blobs.sol";
import {Packed} from "./libraries/Packed.sol";

/// @title RightsSplits
/// @notice Tables of holders, named by their content. See IRightsSplits.
contract RightsSplits is IRightsSplits {
    /// @notice Most holders of a table.
    uint256 public constant MOST_PAYEES = 100;

    uint256 private constant MILLION = 1_000_000;

    // A holder takes 24 bytes of a table: address, share.
    uint256 private constant HOLDER = 24;
    uint256 private constant SHARE_SHIFT = 64;

    /// @inheritdoc IRightsSplits
    uint256 public count;

    mapping(uint256 split => address blob) private _blobs;
    mapping(bytes32 content => uint32 split) private _ids;

    /// @inheritdoc IRightsSplits
    function create(address[] calldata payees, uint32[] calldata shares) external returns (uint32 split) {
        require(payees.length == shares.length, RightsSplits_LengthsDiffer(payees.length, shares.length));
        require(payees.length != 0 && payees.length <= MOST_PAYEES, RightsSplits_PayeeCount(payees.length, MOST_PAYEES));
        _checkPayees(payees);
        _checkShares(shares);

        bytes memory packed = _pack(payees, shares);
        bytes32 content = keccak256(packed);
        split = _ids[content];

        return split != 0 ? split : _store(content, packed, payees, shares);
    }

    /// @inheritdoc IRightsSplits
    function table(uint32 split) external view returns (address[] memory payees, uint32[] memory shares) {
        require(split != 0 && split <= count, RightsSplits_Unknown(split));

        return _unpack(Blobs.read(_blobs[split]));
    }

    function _store(bytes32 content, bytes memory packed, address[] calldata payees, uint32[] calldata shares)
        private
        returns (uint32 split)
    {
        require(count < type(uint32).max, RightsSplits_Full(count));

        split = uint32(++count);
        _ids[content] = split;
        _blobs[split] = Blobs.write(packed);

        emit SplitCreated(split, payees, shares);
    }

    // Quadratic, on purpose: a table is written once and has at most MOST_PAYEES rows.
    function _checkPayees(address[] calldata payees) private pure {
        for (uint256 i = 0; i < payees.length; i++) {
            require(payees[i] != address(0), RightsSplits_NoPayee(i));
            for (uint256 j = 0; j < i; j++) {
                require(payees[i] != payees[j], RightsSplits_RepeatedPayee(payees[i]));
            }
        }
    }

    function _checkShares(uint32[] calldata shares) private pure {
        uint256 total;
        for (uint256 i = 0; i < shares.length; i++) {
            require(shares[i] != 0, RightsSplits_NoShare(i));
            total += shares[i];
        }
        require(total == MILLION, RightsSplits_SharesDoNotSum(total));
    }

    function _pack(address[] calldata payees, uint32[] calldata shares) private pure returns (bytes memory packed) {
        for (uint256 i = 0; i < payees.length; i++) {
            packed = abi.encodePacked(packed, payees[i], shares[i]);
        }
    }

    function _unpack(bytes memory code) private pure returns (address[] memory payees, uint32[] memory shares) {
        uint256 holders = (code.length - Blobs.START) / HOLDER;
        payees = new address[](holders);
        shares = new uint32[](holders);

        for (uint256 i = 0; i < holders; i++) {
            bytes32 word = Packed.load(code, Blobs.START + i * HOLDER);
            payees[i] = address(bytes20(word));
            shares[i] = uint32(uint256(word) >> SHARE_SHIFT);
        }
    }
}
