// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IRoyaltyLedger} from "../interfaces/IRoyaltyLedger.sol";
import {Packed} from "./Packed.sol";

/// @title Signatures
/// @notice Who signed: a payer, with its key or as a contract, and a quorum of oracles.
library Signatures {
    uint256 internal constant LENGTH = 65;

    /// @dev Most gas that a payer's contract may take to judge a signature.
    uint256 internal constant SIGNATURE_GAS = 200_000;

    // What the call itself costs beside the gas it hands on, with room to spare.
    uint256 private constant CALL_GAS = 10_000;

    /// @dev Reverts unless `payer` signed `digest`. A key is tried first: it costs less than asking whether there is code,
    /// and no key can stand for a contract.
    function checkOrder(address payer, bytes32 digest, bytes calldata signature) internal view {
        address signer = signature.length == LENGTH ? _recover(digest, signature, 0) : address(0);
        if (signer == payer && signer != address(0)) return;

        require(payer.code.length != 0, IRoyaltyLedger.Settlement_OrderNotSigned(payer));
        bytes memory call = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));

        // With less than this a relayer could starve the payer's contract and pass its failure off as a refusal.
        uint256 needed = (SIGNATURE_GAS + CALL_GAS) * 64 / 63;
        require(gasleft() >= needed, IRoyaltyLedger.Settlement_GasForSignature(gasleft(), needed));
        (bool ok, bytes32 word) = Packed.staticWord(payer, SIGNATURE_GAS, call);

        bool accepted = ok && word == bytes32(IERC1271.isValidSignature.selector);
        require(accepted, IRoyaltyLedger.Settlement_OrderNotSigned(payer));
    }

    /// @dev Reverts unless at least `threshold` signers signed `digest`, in strictly ascending order, each once. The signers
    /// are those of a set, and so ascend strictly: the search for one goes on behind the last one found.
    function checkQuorum(bytes32 digest, uint256 threshold, address[] calldata signers, bytes calldata list)
        internal
        pure
    {
        uint256 count = list.length / LENGTH;
        require(list.length % LENGTH == 0, IRoyaltyLedger.Settlement_SignaturesLength(list.length));
        require(count >= threshold, IRoyaltyLedger.Settlement_TooFewSignatures(count, threshold));

        address signer;
        uint256 position;
        unchecked {
            for (uint256 i = 0; i < count; i++) {
                address previous = signer;
                address candidate = address(0);
                signer = _recover(digest, list, i);
                while (candidate < signer && position < signers.length) candidate = signers[position++];
                if (candidate != signer || signer == address(0)) _refuse(i, previous, signer);
            }
        }
    }

    function _refuse(uint256 index, address previous, address signer) private pure {
        require(signer != address(0), IRoyaltyLedger.Settlement_BadSignature(index));
        require(signer > previous, IRoyaltyLedger.Settlement_SignersNotAscending(previous, signer));
        revert IRoyaltyLedger.Settlement_NotASigner(signer);
    }

    /// @dev Zero when the signature is not a good one: a high `s`, a `v` other than 27 and 28, or no key behind it.
    function _recover(bytes32 digest, bytes calldata list, uint256 index) private pure returns (address signer) {
        (bytes32 r, bytes32 s, uint8 v) = Packed.signature(list, index);
        (signer,,) = ECDSA.tryRecover(digest, v, r, s);
    }
}
