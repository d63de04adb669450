// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "../interfaces/IRoyaltyLedger.sol";

/// @title Typed
/// @notice The EIP-712 struct hashes that payers and oracles sign.
library Typed {
    bytes32 internal constant ORDER = keccak256(
        "Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,uint256 use,uint256 rule,uint256 deadline)"
    );
    bytes32 internal constant ATTESTATION = keccak256(
        "Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );

    function hash(Order calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(ORDER, order));
    }

    /// @dev `entries` is the hash of the attestation's entries.
    function hash(Attestation calldata attestation, bytes32 entries, bytes32 set, bytes32 order)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                ATTESTATION,
                set,
                order,
                attestation.price,
                attestation.node,
                attestation.nodeFee,
                attestation.generatedAt,
                entries,
                attestation.manifest
            )
        );
    }
}
