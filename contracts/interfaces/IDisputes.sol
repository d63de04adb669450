// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "./IRoyaltyLedger.sol";

/// @title IDisputes
/// @notice What the court can do with the money of one settlement: take it out of the buckets while it is open to
/// dispute, then put it back or return it to the payer.
///
/// Freezing takes the whole price: each recording's part, the node's fee, the protocol fee and the pool's share. The
/// attestation determines these amounts, so nothing else is touched and the rest of every balance remains usable.
///
/// The amounts are certain to be there until `generatedAt + window`, because credits mature later than that. The oldest
/// part of a bucket is taken first, so that the rest stays open to dispute for as long as any part of it may need. The
/// payer's account is swept first (see IEscrow): the protocol fee and the pool's share are then in their buckets, no
/// matter when they were swept.
///
/// Warning: the court must find out whether the attestation is the one that settled the order. If a quorum signed two
/// attestations for one order, the wrong one could be frozen: the amounts would come out of other credits of the same
/// recordings. The same holds for an attestation that was never posted, once its order's nonce is too old to settle.
/// Warning: a release to the holders needs room in each recording's word; if there is none, withdraw first.
/// Warning: an order whose settlement was reversed stays settled: it cannot be posted again.
interface IDisputes {
    event Frozen(bytes32 indexed order, bytes32 indexed attestation, uint256 amount);

    /// @notice If `reversed`, the amount is back in the payer's escrow, or is parked if a `Parked` follows. Otherwise
    /// it is back with the recordings, the node, the protocol and the pool, and can be withdrawn at once.
    event Released(bytes32 indexed order, bytes32 indexed attestation, uint256 amount, bool reversed);

    error Disputes_WindowOver(uint256 end, uint256 time);
    error Disputes_NotSettled(address payer, uint256 nonce);
    error Disputes_FrozenBefore(bytes32 attestation);
    error Disputes_NotFrozen(bytes32 attestation);
    error Disputes_NothingToFreeze();
    error Disputes_NotHeld(uint256 recording, uint256 amount);
    error Disputes_FeeNotHeld(address receiver, uint256 amount);
    error Disputes_NoRoom(uint256 recording, uint256 amount);
    error Disputes_NoRoomForFee(address receiver, uint256 amount);

    /// @notice Takes a settlement's credits out of the buckets. Court only, once for each attestation.
    /// @dev The court checks the signatures.
    /// @return amount The price.
    function freeze(Order calldata order, Attestation calldata attestation, bytes32 set)
        external
        returns (uint256 amount);

    /// @notice Puts a frozen amount back, to be withdrawn at once, or returns all of it to the payer's escrow. Court
    /// only.
    function release(Order calldata order, Attestation calldata attestation, bytes32 set, bool reversed) external;

    /// @notice The amount frozen for an attestation (by struct hash), in the token's smallest unit.
    function frozen(bytes32 attestation) external view returns (uint256);
}
