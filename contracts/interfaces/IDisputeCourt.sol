// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ILedger} from "./ILedger.sol";
import {Attestation, Order, Receipt} from "./IRoyaltyLedger.sol";

/// @notice The challenge of one attestation. A challenger of zero means that there was none.
/// @param deadline The arbiter may rule before this time; from this time on anyone may let the case expire. Unix
/// seconds.
/// @param bond The part of the bond that arrived, in the token's smallest unit.
/// @param open Whether the case waits for a ruling or for its expiry.
struct Case {
    address challenger;
    uint40 deadline;
    uint48 bond;
    bool open;
}

/// @title IDisputeCourt
/// @notice Challenges of settlements, and the rulings on them.
///
/// Anyone may challenge an attestation until `generatedAt + window` of the ledger. The challenger brings the
/// attestation with its signatures, which prove it: the chain stores nothing for it. A challenge costs a bond and
/// freezes the whole price. An arbiter then rules within `RULING_TIME`. If the settlement is reversed, the price
/// returns to the payer's escrow and the bond to the challenger. If it is upheld, the price returns to where it was,
/// and the bond goes to the training pool's receiver (to the challenger if the ledger has no receiver). An arbiter who
/// does not rule reverses nothing: after the deadline anyone may let the case expire. The attestation is then upheld,
/// and the challenger gets the bond back.
///
/// An attestation can be challenged once. `grounds` and the grounds that others add are digests of pinned files
/// (sha2-256 in the CIDv1) that give reasons; the contract reads none of them. The arbiter judges the attestation and
/// not only the challenger's grounds: a challenge with bad grounds, made to use up the only challenge, does not prevent
/// others from adding better ones.
///
/// Bonds are credited here and withdrawn separately, so that a token which rejects a transfer cannot stop a ruling.
///
/// Warning: the arbiter must check in the ledger's `Settled` events that the attestation is the one that settled its
/// order. A quorum may have signed a second attestation for the same order, or one that nobody posted before its nonce
/// became too old. Freezing that one takes the money out of other credits of the same recordings, and reversing it
/// would pay back what the payer never paid. In this case uphold it. Two attestations of one set for one order are a
/// fault of its oracles; `proveEquivocation` records it.
/// Warning: the money of an upheld attestation is released at once, although the window may not have ended: it cannot
/// be challenged again, for any reason.
/// Warning: a signer that is a contract (ERC-1271) is asked again and may deny what it signed. A challenger who has
/// more signatures than the threshold requires should bring those of keys.
/// Warning: while the arbiter does not rule, a challenge costs nothing except that the bond is locked. An arbiter has
/// to rule.
/// Warning: if a recording, the node or the fees have no room for what is released to them, a ruling waits until
/// somebody withdraws for them, which anyone may do.
interface IDisputeCourt {
    /// @param frozen The price of the attestation, which is out of the buckets until the case ends.
    event Challenged(
        bytes32 indexed order,
        bytes32 indexed attestation,
        address indexed challenger,
        bytes32 set,
        uint256 frozen,
        uint256 bond,
        uint256 deadline,
        bytes32 grounds
    );

    /// @notice Somebody, the challenger or not, added grounds to an open case.
    event GroundsAdded(bytes32 indexed attestation, address indexed from, bytes32 grounds);

    /// @notice The arbiter ruled; the bond is credited to `bondTo`.
    event Ruled(
        bytes32 indexed order,
        bytes32 indexed attestation,
        address indexed arbiter,
        bool reversed,
        address bondTo,
        uint256 bond
    );

    /// @notice Nobody ruled in time: the attestation is upheld, and the bond is credited to `bondTo`, its challenger.
    event Lapsed(bytes32 indexed order, bytes32 indexed attestation, address bondTo, uint256 bond);

    /// @notice The amount credited to `owner` went to `to`.
    event BondWithdrawn(address indexed owner, address indexed to, uint256 amount);

    /// @notice One set signed both of these attestations for one order.
    event Equivocated(bytes32 indexed order, bytes32 indexed set, bytes32 first, bytes32 second);

    error DisputeCourt_NotALedger(address ledger);
    error DisputeCourt_BondOutOfRange(uint256 bond, uint256 most);
    error DisputeCourt_RulingTimeOutOfRange(uint256 rulingTime, uint256 least, uint256 most);
    error DisputeCourt_ChallengedBefore(bytes32 attestation, address challenger);
    error DisputeCourt_NotOpen(bytes32 attestation);
    error DisputeCourt_DeadlinePassed(uint256 deadline, uint256 time);
    error DisputeCourt_DeadlineAhead(uint256 deadline, uint256 time);
    error DisputeCourt_NothingOwed(address owner);
    error DisputeCourt_NoReceiver();
    error DisputeCourt_OtherOrder(bytes32 first, bytes32 second);
    error DisputeCourt_OtherSet(bytes32 first, bytes32 second);
    error DisputeCourt_SameAttestation(bytes32 attestation);

    /// @notice Challenges an attestation and takes the bond from the caller, who has approved it.
    /// @dev The set may have been removed since. If the token takes a fee on transfer, the bond is what arrived.
    function challenge(Receipt calldata receipt, bytes32 grounds) external;

    /// @notice Adds grounds to an open case, for or against the attestation. Anyone may call it.
    function addGrounds(bytes32 attestation, bytes32 grounds) external;

    /// @notice Ends a case: `reversed`, or upheld. Arbiter only, before the deadline.
    function rule(Order calldata order, Attestation calldata attestation, bytes32 set, bool reversed) external;

    /// @notice Ends a case that nobody ruled on in time: the attestation is upheld. Anyone may call it, from the
    /// deadline on.
    function expire(Order calldata order, Attestation calldata attestation, bytes32 set) external;

    /// @notice Records that one set signed two attestations for one order. Anyone may call it; nothing is stored or
    /// moved.
    /// @dev This is evidence for those who choose the oracles. One of the attestations may have settled, or none.
    function proveEquivocation(Receipt calldata first, Receipt calldata second) external;

    /// @notice Sends `owner` its credited amount. Anyone may call it. Reverts if the token rejects the transfer.
    function withdraw(address owner) external returns (uint256 amount);

    /// @notice Sends the caller's credited amount to the address that the caller gives.
    function withdrawTo(address to) external returns (uint256 amount);

    /// @notice The case of an attestation (by struct hash); all zero if it was not challenged.
    function cases(bytes32 attestation) external view returns (Case memory);

    /// @notice The amount that is credited to `owner` and can be withdrawn.
    function owed(address owner) external view returns (uint256);

    /// @notice The ledger whose settlements can be challenged here.
    function ledger() external view returns (ILedger);

    /// @notice The bond of a challenge, in the token's smallest unit.
    function BOND() external view returns (uint256);

    /// @notice The time that the arbiter has to rule, in seconds.
    function RULING_TIME() external view returns (uint256);
}
