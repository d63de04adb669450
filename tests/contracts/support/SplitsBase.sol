// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRightsSplits, Kind, Row} from "../../../contracts/interfaces/IRightsSplits.sol";
import {vm} from "./Vm.sol";

/// @notice Splits without a ledger, and rows for them. The test itself is the ledger.
abstract contract SplitsBase {
    address internal constant ANN = address(0xA1);
    address internal constant BOB = address(0xB2);
    address internal constant CEM = address(0xC3);
    address internal constant LABEL = address(0x1A);
    uint256 internal constant CLAIM_KEY = 77;

    IRightsSplits internal splits;

    function setUp() public virtual {
        splits = IRightsSplits(vm.deployCode("RightsSplits.sol:RightsSplits", ""));
    }

    function _holder(address payee, uint32 share) internal pure returns (Row memory) {
        return Row(Kind.HOLDER, payee, 0, share);
    }

    function _pending(address key, uint32 share) internal pure returns (Row memory) {
        return Row(Kind.PENDING, key, 0, share);
    }

    function _inner(uint32 id, uint32 share) internal pure returns (Row memory) {
        return Row(Kind.TABLE, address(0), id, share);
    }

    function _one(Row memory row) internal pure returns (Row[] memory rows) {
        rows = new Row[](1);
        rows[0] = row;
    }

    function _two(Row memory first, Row memory second) internal pure returns (Row[] memory rows) {
        rows = new Row[](2);
        (rows[0], rows[1]) = (first, second);
    }

    /// @dev A table with one payee, who gets everything.
    function _all(address payee) internal returns (uint32) {
        return splits.createTable(_one(_holder(payee, 1e6)));
    }

    /// @dev A table of `count` payees that no other value of `from` shares.
    function _many(uint256 from, uint256 count) internal returns (uint32) {
        Row[] memory rows = new Row[](count);
        for (uint256 i = 0; i < count; i++) {
            rows[i] = _holder(address(uint160(0x10000 + from * 1_000 + i)), 1);
        }
        rows[count - 1].share = uint32(1e6 - count + 1);
        return splits.createTable(rows);
    }

    function _refuse(Row[] memory rows, bytes memory reason) internal {
        vm.expectRevert(reason);
        splits.createTable(rows);
    }

    /// @dev `divide` returns what `preview` returned, and these are the parts.
    function _divides(uint32 split, uint256 amount, address[3] memory payees, uint256[3] memory amounts) internal {
        bytes memory expected = abi.encode(_list(payees), _list(amounts), new bool[](3));
        bytes memory seen = _divided(split, amount);
        vm.assertEq(seen, expected, "parts");
    }

    function _divided(uint32 split, uint256 amount) internal returns (bytes memory) {
        (address[] memory payees, uint256[] memory amounts, bool[] memory pending) =
            splits.preview(address(this), split, amount);
        bytes memory before = abi.encode(payees, amounts, pending);
        (payees, amounts, pending) = splits.divide(split, amount);
        bytes memory done = abi.encode(payees, amounts, pending);
        vm.assertEq(done, before, "preview");
        return done;
    }

    function _list(address[3] memory values) private pure returns (address[] memory list) {
        list = new address[](3);
        (list[0], list[1], list[2]) = (values[0], values[1], values[2]);
    }

    function _list(uint256[3] memory values) private pure returns (uint256[] memory list) {
        list = new uint256[](3);
        (list[0], list[1], list[2]) = (values[0], values[1], values[2]);
    }

    function _signClaim(uint256 key, address holder, address to) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Refrain Splits"),
                keccak256("1"),
                block.chainid,
                address(splits)
            )
        );
        bytes32 message = keccak256(abi.encode(keccak256("Claim(address holder,address to)"), holder, to));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, message)));
        return abi.encodePacked(r, s, v);
    }

    function _claim(uint256 key, address to) internal {
        address holder = vm.addr(key);
        splits.claim(holder, to, _signClaim(key, holder, to));
    }
}
