// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "../interfaces/IRoyaltyLedger.sol";
import {PackedProofs} from "./PackedProofs.sol";

/// @title TypedHashes
/// @notice The EIP-712 struct hashes that payers, oracles and payees sign.
library TypedHashes {
    bytes32 internal constant ORDER = keccak256(
        "Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,uint256 use,uint256 rule,uint256 deadline)"
    );
    bytes32 internal constant ATTESTATION = keccak256(
        "Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );
    bytes32 internal constant ORDERS = keccak256(
        "Orders(Order[] orders)Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,uint256 use,uint256 rule,uint256 deadline)"
    );
    bytes32 internal constant BATCH = keccak256(
        "Batch(Attestation[] attestations)Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );
    bytes32 internal constant WITHDRAWAL =
        keccak256("Withdrawal(address payee,address to,uint256 nonce,uint256 deadline)");

    function hash(Order calldata order) internal pure returns (bytes32) {
        return PackedProofs.hashOrder(ORDER, order);
    }

    function hash(Attestation calldata attestation, bytes32 set, bytes32 order) internal pure returns (bytes32) {
        return hash(attestation, attestation.entries, set, order);
    }

    /// @dev `entries` are those of the attestation, which the caller has already located.
    function hash(Attestation calldata attestation, bytes calldata entries, bytes32 set, bytes32 order)
        internal
        pure
        returns (bytes32)
    {
        return PackedProofs.hashAttestation(ATTESTATION, set, order, attestation, entries);
    }
}
