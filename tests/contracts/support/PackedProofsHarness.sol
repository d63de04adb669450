// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {PackedProofs} from "../../../contracts/libraries/PackedProofs.sol";
import {PackedProofsPlain} from "./PackedProofsPlain.sol";

/// @notice Hashes and recovers in assembly and in plain Solidity, side by side.
contract PackedProofsHarness {
    function wordAt(bytes calldata data, uint256 offset) external pure returns (uint256 fast, uint256 plain) {
        return (PackedProofs.wordAt(data, offset), PackedProofsPlain.wordAt(data, offset));
    }

    function entriesOf(Attestation calldata given) external pure returns (bytes memory fast, bytes memory plain) {
        return (PackedProofs.entriesOf(given), PackedProofsPlain.entriesOf(given));
    }

    /// @dev Signers and signatures, encoded in both ways.
    function partsOf(Quorum calldata quorum) external pure returns (bytes memory fast, bytes memory plain) {
        (address[] calldata signers, bytes calldata signatures) = PackedProofs.partsOf(quorum);
        fast = abi.encode(signers, signatures);
        (signers, signatures) = PackedProofsPlain.partsOf(quorum);
        plain = abi.encode(signers, signatures);
    }

    /// @dev The count for signatures at the place that `quorum` says, as in a settlement.
    function countOf(bytes32 hash, Quorum calldata quorum) external view returns (uint256) {
        (address[] calldata signers, bytes calldata signatures) = PackedProofs.partsOf(quorum);
        return PackedProofs.countSigners(hash, signers, signatures);
    }

    function setId(uint256 threshold, address[] calldata signers) external pure returns (bytes32 fast, bytes32 plain) {
        return (PackedProofs.setId(threshold, signers), PackedProofsPlain.setId(threshold, signers));
    }

    function hashOrder(bytes32 kind, Order calldata order) external pure returns (bytes32 fast, bytes32 plain) {
        return (PackedProofs.hashOrder(kind, order), PackedProofsPlain.hashOrder(kind, order));
    }

    function hashAttestation(bytes32[3] calldata front, Attestation calldata given)
        external
        pure
        returns (bytes32 fast, bytes32 plain)
    {
        fast = PackedProofs.hashAttestation(front[0], front[1], front[2], given, given.entries);
        plain = PackedProofsPlain.hashAttestation(front[0], front[1], front[2], given);
    }

    function digest(bytes32 domain, bytes32 structHash) external pure returns (bytes32 fast, bytes32 plain) {
        return (PackedProofs.digest(domain, structHash), PackedProofsPlain.digest(domain, structHash));
    }

    function recover(bytes32 hash, uint256 r, uint256 vs) external view returns (address fast, address plain) {
        return (PackedProofs.recover(hash, r, vs), PackedProofsPlain.recover(hash, r, vs));
    }

    function countSigners(bytes32 hash, address[] calldata signers, bytes calldata list)
        external
        view
        returns (uint256 fast, uint256 plain)
    {
        fast = PackedProofs.countSigners(hash, signers, list);
        plain = PackedProofsPlain.countSigners(hash, signers, list);
    }

    function fastStaticWord(address target, uint256 most, bytes memory data) external view returns (bool, bytes32) {
        return PackedProofs.staticWord(target, most, data);
    }

    function plainStaticWord(address target, uint256 most, bytes memory data) external view returns (bool, bytes32) {
        return PackedProofsPlain.staticWord(target, most, data);
    }
}
