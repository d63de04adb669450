// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, IRoyaltyLedger, Order, Receipt} from "../interfaces/IRoyaltyLedger.sol";
import {State} from "../ledger/State.sol";
import {PackedProofs} from "./PackedProofs.sol";
import {Signatures} from "./Signatures.sol";
import {TypedHashes} from "./TypedHashes.sol";

/// @title Receipts
/// @notice A signed attestation that proves itself. See IRoyaltyLedger.
library Receipts {
    /// @dev Reverts unless a quorum of a set that is or was in use signed the attestation.
    function check(State storage state, bytes32 domain, Receipt calldata receipt)
        internal
        view
        returns (bytes32 order)
    {
        bytes32 set = PackedProofs.setId(receipt.quorum.threshold, receipt.quorum.signers);
        require(state.sets[set].isUsed(), IRoyaltyLedger.Receipt_SetNeverActive(set));
        (order,) = checkSigned(domain, set, receipt);
    }

    /// @dev Reverts unless `order` and `attestation` upgrade the receipt's generation.
    function checkUpgrade(
        State storage state,
        bytes32 domain,
        Receipt calldata receipt,
        Order calldata order,
        Attestation calldata attestation
    ) internal view returns (bytes32 original) {
        original = check(state, domain, receipt);
        Order calldata before = receipt.order;
        bool gone = state.accounts[before.payer].isNonceGone(before.nonce);
        require(gone, IRoyaltyLedger.Upgrade_NotSettled(before.payer, before.nonce));
        require(order.request == original, IRoyaltyLedger.Upgrade_OtherOriginal(order.request, original));
        require(order.tier > before.tier, IRoyaltyLedger.Upgrade_TierNotHigher(order.tier, before.tier));
        _checkSame(attestation, receipt.attestation);
    }

    function _checkSame(Attestation calldata given, Attestation calldata before) private pure {
        (bytes32 entries, bytes32 original) = (keccak256(given.entries), keccak256(before.entries));
        require(entries == original, IRoyaltyLedger.Upgrade_OtherEntries(entries, original));
        bool same = given.manifest == before.manifest;
        require(same, IRoyaltyLedger.Upgrade_OtherManifest(given.manifest, before.manifest));
    }

    /// @dev Reverts unless a quorum of `set` signed the attestation. Returns the struct hashes of order and attestation.
    function checkSigned(bytes32 domain, bytes32 set, Receipt calldata receipt)
        internal
        view
        returns (bytes32 order, bytes32 attestation)
    {
        order = TypedHashes.hash(receipt.order);
        attestation = TypedHashes.hash(receipt.attestation, set, order);

        bytes32 signed = receipt.batch.length == 0 ? attestation : _batch(receipt.batch, attestation);
        bytes32 digest = PackedProofs.digest(domain, signed);
        address[] calldata signers = receipt.quorum.signers;
        Signatures.checkQuorum(digest, receipt.quorum.threshold, signers, receipt.quorum.signatures);
    }

    // The struct hash of the batch that contains the attestation.
    function _batch(bytes32[] calldata hashes, bytes32 attestation) private pure returns (bytes32) {
        bool found;
        for (uint256 i = 0; i < hashes.length; i++) {
            if (hashes[i] == attestation) found = true;
        }
        require(found, IRoyaltyLedger.Receipt_NotInBatch(attestation));

        return keccak256(abi.encode(TypedHashes.BATCH, keccak256(abi.encodePacked(hashes))));
    }
}
