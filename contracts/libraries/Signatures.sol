// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {Packed} from "./Packed.sol";
import {PackedProofs} from "./PackedProofs.sol";

/// @title Signatures
/// @notice Who signed: a payer or payee, with its key or as a contract, and a quorum of oracles.
library Signatures {
    uint256 internal constant COMPACT = 64;
    uint256 internal constant LONG = 65;

    /// @dev Most gas that a contract may take to judge a signature.
    uint256 internal constant SIGNATURE_GAS = 200_000;

    // What the call itself costs beside the gas it hands on, with room to spare.
    uint256 private constant CALL_GAS = 10_000;

    uint256 private constant ADDRESSES = 1 << 160;

    /// @dev Whether `account` signed `digest`: its key, with 64 bytes (EIP-2098) or 65, or its contract (ERC-1271). A key is
    /// tried first: it costs less than asking whether there is code, and no key can stand for a contract.
    function isSigned(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        address signer = recover(digest, signature);
        if (Packed.both(signer == account, signer != address(0))) return true;

        return isSignedByContract(account, digest, signature);
    }

    /// @dev Zero when the signature is of another length or not a good one.
    function recover(bytes32 digest, bytes calldata signature) internal view returns (address signer) {
        if (signature.length == COMPACT) {
            return PackedProofs.recover(digest, PackedProofs.wordAt(signature, 0), PackedProofs.wordAt(signature, 32));
        }
        if (signature.length == LONG) {
            uint8 v = uint8(PackedProofs.wordAt(signature, 33));
            (signer,,) = ECDSA.tryRecover(digest, v, bytes32(signature[:32]), bytes32(signature[32:COMPACT]));
        }
    }

    /// @dev Reverts when too little gas is there to let the contract judge: a relayer could starve it and pass its failure off
    /// as a refusal.
    function isSignedByContract(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (account.code.length == 0) return false;

        uint256 needed = (SIGNATURE_GAS + CALL_GAS) * 64 / 63;
        require(gasleft() >= needed, IRoyaltyLedger.Settlement_GasForSignature(gasleft(), needed));
        bytes memory call = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        (bool ok, bytes32 answer) = PackedProofs.staticWord(account, SIGNATURE_GAS, call);
        return ok && answer == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @dev Reverts unless at least `threshold` signers signed `digest`, in strictly ascending order, each once. The signers
    /// are those of a set, and so ascend strictly: the search for one goes on behind the last one found.
    function checkQuorum(bytes32 digest, uint256 threshold, address[] calldata signers, bytes calldata list)
        internal
        view
    {
        // Nearly always every signature is a key's and good. Otherwise a second walk finds the contracts, or the reason.
        uint256 good = PackedProofs.countSigners(digest, signers, list);
        if (!Packed.both(good >= threshold, good != 0)) _walkQuorum(digest, threshold, signers, list);
    }

    function _walkQuorum(bytes32 digest, uint256 threshold, address[] calldata signers, bytes calldata list) private view {
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

    // The signer of the item at `at`, zero for a bad signature, and where the next item begins. A first word that could be
    // an address is one: an oracle's key would have to find such an `r` with 2^96 tries.
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
