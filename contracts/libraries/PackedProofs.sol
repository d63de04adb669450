// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Quorum} from "../interfaces/IRoyaltyLedger.sol";

/// @title PackedProofs
/// @notice Hashes and signatures in assembly. Every function here has a twin in plain Solidity
/// (tests/contracts/support/PackedProofsPlain.sol), and a fuzz test compares the two.
///
/// Structs are hashed as they are in calldata: an address whose upper bits are not zero gives another hash here, and
/// reverts in plain Solidity. In both cases it fits nothing that was signed.
library PackedProofs {
    /// @dev Half of the curve's order. An `s` above it belongs to the second signature of the same message.
    uint256 private constant HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev The 32 bytes of `data` at `offset`. After its end: the following calldata, or zeros.
    function wordAt(bytes calldata data, uint256 offset) internal pure returns (uint256 found) {
        assembly ("memory-safe") {
            found := calldataload(add(data.offset, offset))
        }
    }

    /// @dev An attestation's entries. As with the two fields of a quorum below, the struct says where they are, and
    /// calldata continues with zeros after its end. Plain Solidity rejects a place outside calldata; here nothing that
    /// was signed can be found at it.
    function entriesOf(Attestation calldata given) internal pure returns (bytes calldata entries) {
        assembly ("memory-safe") {
            let place := add(given, calldataload(add(given, 0x80)))
            entries.length := calldataload(place)
            entries.offset := add(place, 0x20)
        }
    }

    /// @dev A quorum's signers and their signatures.
    function partsOf(Quorum calldata quorum)
        internal
        pure
        returns (address[] calldata signers, bytes calldata signatures)
    {
        assembly ("memory-safe") {
            let place := add(quorum, calldataload(add(quorum, 0x20)))
            signers.length := calldataload(place)
            signers.offset := add(place, 0x20)
            place := add(quorum, calldataload(add(quorum, 0x40)))
            signatures.length := calldataload(place)
            signatures.offset := add(place, 0x20)
        }
    }

    /// @dev `keccak256(abi.encode(threshold, signers))`.
    function setId(uint256 threshold, address[] calldata signers) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, threshold)
            mstore(add(free, 0x20), 0x40)
            mstore(add(free, 0x40), signers.length)
            calldatacopy(add(free, 0x60), signers.offset, shl(5, signers.length))
            id := keccak256(free, add(0x60, shl(5, signers.length)))
        }
    }

    /// @dev EIP-712: the struct hash of an order with its type's hash.
    function hashOrder(bytes32 kind, Order calldata order) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, kind)
            calldatacopy(add(free, 0x20), order, 0x100)
            id := keccak256(free, 0x120)
        }
    }

    /// @dev EIP-712: the struct hash of an attestation with its type's hash, for a set and an order. `entries` are the
    /// attestation's own.
    function hashAttestation(
        bytes32 kind,
        bytes32 set,
        bytes32 order,
        Attestation calldata attestation,
        bytes calldata entries
    ) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, entries.offset, entries.length)
            let content := keccak256(free, entries.length)
            mstore(free, kind)
            mstore(add(free, 0x20), set)
            mstore(add(free, 0x40), order)
            calldatacopy(add(free, 0x60), attestation, 0xc0)
            mstore(add(free, 0xe0), content)
            id := keccak256(free, 0x120)
        }
    }

    /// @dev EIP-712: the digest that is signed for a struct hash in a domain.
    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 found) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), structHash)
            found := keccak256(free, 0x42)
        }
    }

    /// @dev The signer of `hash` by a compact signature (EIP-2098). Zero if the signature is invalid: `s` is in the
    /// upper half, or ecrecover returns nothing because no key fits it.
    function recover(bytes32 hash, uint256 r, uint256 vs) internal view returns (address signer) {
        assembly ("memory-safe") {
            // The four ecrecover inputs start at address 0, so that no address has to be computed. They overwrite the
            // free pointer and the zero slot, which are restored below.
            let free := mload(0x40)
            let s := shr(1, shl(1, vs))
            mstore(0, hash)
            mstore(0x20, add(27, shr(255, vs)))
            mstore(0x40, r)
            mstore(0x60, s)
            pop(staticcall(gas(), 1, 0, 0x80, 0, 0x20))
            signer := mul(mload(0), lt(shl(5, gt(s, HALF)), returndatasize()))
            mstore(0x40, free)
            mstore(0x60, 0)
        }
    }

    /// @dev The number of compact signatures in `list`, if each is a valid one over `hash` by a different signer of
    /// `signers`, in their order; otherwise zero. Precondition, not checked here: the signers ascend strictly from
    /// above zero.
    function countSigners(bytes32 hash, address[] calldata signers, bytes calldata list)
        internal
        view
        returns (uint256 count)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let seat := signers.offset
            let last := add(seat, shl(5, signers.length))
            let item := list.offset
            let end := add(item, list.length)
            let bad := and(list.length, 63)
            mstore(0, hash)
            mstore(free, 0)
            for {} lt(item, end) { item := add(item, 0x40) } {
                let s := calldataload(add(item, 0x20))
                mstore(0x20, add(27, shr(255, s)))
                s := shr(1, shl(1, s))
                mstore(0x40, calldataload(item))
                mstore(0x60, s)
                // If ecrecover returns nothing, the previous signer is still in memory, and is below the next signer to
                // look for.
                pop(staticcall(gas(), 1, 0, 0x80, free, 0x20))
                let signer := mload(free)
                if lt(calldataload(seat), signer) {
                    for { seat := add(seat, 0x20) } and(lt(seat, last), lt(calldataload(seat), signer)) {
                        seat := add(seat, 0x20)
                    } {}
                }
                bad := or(bad, or(gt(s, HALF), xor(calldataload(seat), signer)))
                seat := add(seat, 0x20)
            }
            mstore(0x40, free)
            mstore(0x60, 0)
            // A signer found after the end of the list is not one of the signers.
            count := mul(iszero(or(bad, gt(seat, last))), shr(6, sub(item, list.offset)))
        }
    }

    /// @dev Makes a static call to `target` with at most `most` gas, and reads 32 bytes of its answer of any length.
    /// `ok` is false if the call failed or the answer is shorter.
    function staticWord(address target, uint256 most, bytes memory data)
        internal
        view
        returns (bool ok, bytes32 answer)
    {
        assembly ("memory-safe") {
            ok := staticcall(most, target, add(data, 32), mload(data), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            answer := mul(ok, mload(0))
        }
    }
}
