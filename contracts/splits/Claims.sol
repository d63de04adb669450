// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IClaims} from "../interfaces/IClaims.sol";

/// @title Claims
/// @notice Holders whose address is not known yet. See IClaims.
abstract contract Claims is IClaims, EIP712 {
    bytes32 private constant CLAIM = keccak256("Claim(address holder,address to)");

    /// @inheritdoc IClaims
    mapping(address holder => address to) public claimedBy;

    constructor() EIP712("Refrain Splits", "1") {}

    /// @inheritdoc IClaims
    function claim(address holder, address to, bytes calldata signature) external {
        address earlier = claimedBy[holder];
        require(to != address(0), Claims_NoReceiver());
        require(earlier == address(0), Claims_AlreadyClaimed(holder, earlier));

        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CLAIM, holder, to)));
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        require(signer == holder && signer != address(0), Claims_NotSigned(holder, signer));

        claimedBy[holder] = to;

        emit Claimed(holder, to);
    }
}
