// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";

/// @notice libraries/PackedProofs.sol in plain Solidity: slower, and easy to verify.
library PackedProofsPlain {
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    function wordAt(bytes calldata data, uint256 offset) internal pure returns (uint256) {
        return uint256(bytes32(data[offset:offset + 32]));
    }

    function entriesOf(Attestation calldata given) internal pure returns (bytes calldata) {
        return given.entries;
    }

    function partsOf(Quorum calldata quorum) internal pure returns (address[] calldata, bytes calldata) {
        return (quorum.signers, quorum.signatures);
    }

    function setId(uint256 threshold, address[] calldata signers) internal pure returns (bytes32) {
        return keccak256(abi.encode(threshold, signers));
    }

    function hashOrder(bytes32 kind, Order calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(kind, order));
    }

    function hashAttestation(bytes32 kind, bytes32 set, bytes32 order, Attestation calldata given)
        internal
        pure
        returns (bytes32)
    {
        bytes memory front = abi.encode(kind, set, order, given.price, given.node, given.nodeFee);
        bytes memory back = abi.encode(given.generatedAt, keccak256(given.entries), given.manifest);
        return keccak256(bytes.concat(front, back));
    }

    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    function recover(bytes32 hash, uint256 r, uint256 vs) internal pure returns (address) {
        uint256 s = vs & type(uint256).max >> 1;
        if (s > HALF_ORDER) return address(0);
        return ecrecover(hash, uint8(27 + (vs >> 255)), bytes32(r), bytes32(s));
    }

    function countSigners(bytes32 hash, address[] calldata signers, bytes calldata list)
        internal
        pure
        returns (uint256)
    {
        if (list.length % 64 != 0) return 0;
        uint256 count = list.length / 64;
        uint256 seat;
        for (uint256 i = 0; i < count; i++) {
            address signer = recover(hash, wordAt(list, 64 * i), wordAt(list, 64 * i + 32));
            while (seat < signers.length && signers[seat] != signer) seat++;
            if (signer == address(0) || seat == signers.length) return 0;
            seat++;
        }
        return count;
    }

    function staticWord(address target, uint256 most, bytes memory data) internal view returns (bool, bytes32) {
        (bool ok, bytes memory answer) = target.staticcall{gas: most}(data);
        if (!ok || answer.length < 32) return (false, 0);
        return (true, abi.decode(answer, (bytes32)));
    }
}
