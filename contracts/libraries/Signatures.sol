// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {Packed} from "./Packed.sol";
import {PackedProofs} from "./PackedProofs.sol";

/// @title Signatures
/// @notice Checks who signed: a payer or payee, by its key or as a contract, and a quorum of oracles.
library Signatures {
    uint256 internal constant COMPACT = 64;
    uint256 internal constant LONG = 65;

    /// @dev The most gas that a contract may use to check a signature.
    uint256 internal constant SIGNATURE_GAS = 200_000;

    // Upper bound of the cost of the call itself, in addition to the gas that it passes on.
    uint256 private constant CALL_GAS = 10_000;

    uint256 private constant ADDRESSES = 1 << 160;

    /// @dev Whether `account` signed `digest`, by its key with 64 bytes (EIP-2098) or 65, or as a contract (ERC-1271).
    /// A key is tried first, because this costs less than to check for code, and a contract has no key.
    function isSigned(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        address signer = recover(digest, signature);
        if (Packed.and(signer == account, signer != address(0))) return true;

        return isSignedByContract(account, digest, signature);
    }

    /// @dev Zero if the signature has another length or is invalid.
    function recover(bytes32 digest, bytes calldata signature) internal view returns (address signer) {
        if (signature.length == COMPACT) {
            return PackedProofs.recover(digest, PackedProofs.wordAt(signature, 0), PackedProofs.wordAt(signature, 32));
        }
        if (signature.length == LONG) {
            uint8 v = uint8(PackedProofs.wordAt(signature, 33));
            (signer,,) = ECDSA.tryRecover(digest, v, bytes32(signature[:32]), bytes32(signature[32:COMPACT]));
        }
    }

    /// @dev Reverts if too little gas is left for the contract to check. Otherwise a relayer could give it too little
    /// gas, and its failure would look like a rejection.
    function isSignedByContract(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        if (account.code.length == 0) return false;

        uint256 needed = (SIGNATURE_GAS + CALL_GAS) * 64 / 63;
        require(gasleft() >= needed, IRoyaltyLedger.Settlement_GasForSignature(gasleft(), needed));
        bytes memory call = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        (bool ok, bytes32 answer) = PackedProofs.staticWord(account, SIGNATURE_GAS, call);
        return ok && answer == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @dev Reverts unless at least `threshold` signers signed `digest`, in strictly ascending order, each once. The
    /// signers of a set ascend strictly, so the search for a signer continues after the last one found.
    function checkQuorum(bytes32 digest, uint256 threshold, address[] calldata signers, bytes calldata list)
        internal
        view
    {
        // Usually every signature is by a key and valid. Otherwise a second loop finds the contracts, or the error.
        uint256 good = PackedProofs.countSigners(digest, signers, list);
        if (!Packed.and(good >= threshold, good != 0)) _walkQuorum(digest, threshold, signers, list);
    }

    function _walkQuorum(bytes32 digest, uint256 threshold, address[] calldata signers, bytes calldata list)
        private
        view
    {
        uint256 count;
        uint256 position;
        uint256 at;
        unchecked {
            while (at + COMPACT <= list.length) {
                address signer;
                (signer, at) = _next(digest, list, at, count);
                address candidate = address(0);
                uint256 from = position;
                while (candidate < signer && position < signers.length) candidate = signers[position++];
                if (candidate != signer || signer == address(0)) _refuse(count, from, signers, signer);
                count++;
            }
        }
        require(at == list.length, IRoyaltyLedger.Settlement_SignaturesLength(list.length));
        require(count >= threshold, IRoyaltyLedger.Settlement_TooFewSignatures(count, threshold));
    }

    // The signer of the item at `at` (zero for a bad signature), and the start of the next item. A first word that
    // could be an address is read as one: an oracle's key would need 2^96 tries to find such an `r`.
    function _next(bytes32 digest, bytes calldata list, uint256 at, uint256 index)
        private
        view
        returns (address signer, uint256 end)
    {
        uint256 first = PackedProofs.wordAt(list, at);
        uint256 second = PackedProofs.wordAt(list, at + 32);
        if (first >= ADDRESSES) return (PackedProofs.recover(digest, first, second), at + COMPACT);

        require(second <= list.length - at - COMPACT, IRoyaltyLedger.Settlement_SignaturesLength(list.length));
        end = at + COMPACT + second;
        signer = address(uint160(first));
        bool good = isSignedByContract(signer, digest, list[at + COMPACT:end]);
        require(good, IRoyaltyLedger.Settlement_BadSignature(index));
    }

    function _refuse(uint256 index, uint256 from, address[] calldata signers, address signer) private pure {
        require(signer != address(0), IRoyaltyLedger.Settlement_BadSignature(index));
        address previous = from == 0 ? address(0) : signers[from - 1];
        require(signer > previous, IRoyaltyLedger.Settlement_SignersNotAscending(previous, signer));
        revert IRoyaltyLedger.Settlement_NotASigner(signer);
    }
}
