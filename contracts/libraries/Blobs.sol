// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

/// @title Blobs
/// @notice Bytes stored as the code of a contract: cheaper to write and to read than storage, and immutable.
library Blobs {
    // Returns everything after these ten bytes as code: PUSH2 size, DUP1, PUSH1 10, 0, CODECOPY, 0, RETURN.
    bytes1 private constant PUSH_SIZE = 0x61;
    bytes7 private constant COPY_REST = 0x80600a3d393df3;

    /// @dev The first byte is STOP, so that a call to the blob does nothing.
    bytes1 private constant STOP = 0x00;

    /// @dev The offset of the data in the code.
    uint256 internal constant START = 1;

    /// @dev Preconditions, not checked here: `data` is shorter than 24,576 bytes, and is written only once.
    function write(bytes memory data) internal returns (address) {
        bytes2 size = bytes2(uint16(data.length + START));
        bytes memory creation = abi.encodePacked(PUSH_SIZE, size, COPY_REST, STOP, data);
        return Create2.deploy(0, keccak256(data), creation);
    }

    /// @dev The whole code of the blob; the data starts at START.
    function read(address blob) internal view returns (bytes memory code) {
        return blob.code;
    }
}
