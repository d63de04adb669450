// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

/// @title Blobs
/// @notice Bytes kept as the code of a contract: cheaper to write and to read than storage, and never to be changed.
library Blobs {
    // Copies everything behind these ten bytes into place: PUSH2 size, DUP1, PUSH1 10, 0, CODECOPY, 0, RETURN.
    bytes1 private constant PUSH_SIZE = 0x61;
    bytes7 private constant COPY_REST = 0x80600a3d393df3;

    /// @dev A first byte of STOP, so that a call to the blob does nothing.
    bytes1 private constant STOP = 0x00;

    /// @dev How far behind the start of the code the bytes begin.
    uint256 internal constant START = 1;

    /// @dev The caller answers for `data` being shorter than 24,576 bytes, and for writing the same data only once.
    function write(bytes memory data) internal returns (address) {
        bytes2 size = bytes2(uint16(data.length + START));
        bytes memory creation = abi.encodePacked(PUSH_SIZE, size, COPY_REST, STOP, data);
        return Create2.deploy(0, keccak256(data), creation);
    }

    /// @dev The blob's whole code, the data from START on.
    function read(address blob) internal view returns (bytes memory code) {
        return blob.code;
    }
}
