// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order} from "./IRoyaltyLedger.sol";

/// @title IDisputes
/// @notice What the court may do with the money of one settlement: take it out of the buckets while it is open to dispute, and
/// put it back or return it to its payer.
///
/// Freezing takes the whole price: what each recording got, the node's fee, the protocol's fee and the pool's share. The
/// amounts follow from the attestation, so nothing but them is touched, and the rest of every balance can still be used.
///
/// Until `generatedAt + window` the amounts are certainly there, for credits mature later than that. Of what a bucket holds,
/// the oldest is taken first, so that what is left stays open to dispute for as long as anything in it may have to. The payer's
/// account is swept before (see IEscrow): protocol's fee and pool's share are then in their buckets, whenever they were swept.
///
/// Warning: whether the attestation is the one that settled the order is the court's to find out. A quorum that signed two for
/// one order could have the other one frozen: the amounts would come out of other credits of the same recordings. So could an
/// attestation that was never posted, once its order's nonce is too far behind to settle.
/// Warning: a release to the holders needs room in each recording's word; withdraw first where there is none.
/// Warning: a price that was reversed stays an order that was settled: it cannot be posted again.
interface IDisputes {
    event Frozen(bytes32 indexed order, bytes32 indexed attestation, uint256 amount);

    /// @notice Reversed: the amount is in the payer's escrow again, or waits where a `Parked` follows. Else: back with the
    /// recordings, the node, the protocol and the pool, to be withdrawn at once.
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

    /// @notice Takes what a settlement credited out of the buckets. Court only, once for an attestation.
    /// @dev The signatures are the court's to check.
    /// @return amount The price.
    function freeze(Order calldata order, Attestation calldata attestation, bytes32 set)
        external
        returns (uint256 amount);

    /// @notice Puts a frozen amount back, to be withdrawn at once, or returns all of it to the payer's escrow. Court only.
    function release(Order calldata order, Attestation calldata attestation, bytes32 set, bool reversed) external;

    /// @notice What is frozen for an attestation (by struct hash), in the token's smallest unit.
    function frozen(bytes32 attestation) external view returns (uint256);
}
