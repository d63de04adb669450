// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Receipt} from "./IRoyaltyLedger.sol";
import {IWholeLedger} from "./IWholeLedger.sol";

/// @notice The challenge of one attestation. A challenger of zero means that there was none.
/// @param deadline Before it the arbiter may rule; from it on anyone may let the case lapse. Unix seconds.
/// @param bond What arrived of the bond, in the token's smallest unit.
/// @param open Whether it still waits for either.
struct Case {
    address challenger;
    uint40 deadline;
    uint48 bond;
    bool open;
}

/// @title IDisputeCourt
/// @notice Where a settlement is challenged, and ruled upon.
///
/// Anyone may challenge an attestation until `generatedAt + window` of the ledger by bringing it again with its signatures, which are
/// its proof: nothing was kept on chain for it. The challenge costs a bond and freezes the whole price. An arbiter then rules
/// within `RULING_TIME`: reversed, the price returns to the payer's escrow and the bond to the challenger; or it stands, the
/// price returns to where it was, and the bond goes to the training pool's receiver (to the challenger where the ledger has none).
/// An arbiter who is silent reverses nothing: after the deadline anyone may let the case lapse. The attestation then stands,
/// and the challenger, whose fault that is not, has the bond back.
///
/// An attestation is challenged once. `grounds` and what others add to them are digests of pinned files (sha2-256 inside the
/// CIDv1) that say why; nothing of them is read here. What an arbiter judges is the attestation, not the challenger's case
/// for it: a challenge brought on bad grounds, to use up the only one, does not bind anybody who adds better ones.
///
/// Bonds are credited here and withdrawn: a token that refuses somebody stops no ruling.
///
/// Warning: that the attestation is the one that settled its order is the arbiter's to see, from the ledger's `Settled`. A quorum may
/// have signed a second one for the same order, or one that nobody posted before its nonce was passed by: to freeze it takes the
/// money out of other credits of the same recordings, and to reverse it would pay back what the payer never paid. Let it stand
/// then. Two attestations of one set for one order are a fault of its oracles, which `proveEquivocation` puts on record.
/// Warning: an attestation that stands has its money released at once, where the window may not have ended: it cannot be
/// challenged again, for whatever reason.
/// Warning: a signer that is a contract (ERC-1271) is asked again, and may deny what it signed. A challenger who has more
/// signatures than the threshold asks for brings those of keys.
/// Warning: to challenge costs nothing while the arbiter is silent, but for the bond's absence. An arbiter has to rule.
/// Warning: where a recording, the node or the fees have no room for what is released to them, a ruling waits until
/// somebody withdraws for them, as anyone may.
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

    /// @notice Somebody, the challenger or not, has something to say on an open case.
    event GroundsAdded(bytes32 indexed attestation, address indexed from, bytes32 grounds);

    /// @notice The arbiter has ruled; the bond is credited to `bondTo`.
    event Ruled(
        bytes32 indexed order,
        bytes32 indexed attestation,
        address indexed arbiter,
        bool reversed,
        address bondTo,
        uint256 bond
    );

    /// @notice Nobody ruled in time: the attestation stands; the bond is credited to `bondTo`, its challenger.
    event Lapsed(bytes32 indexed order, bytes32 indexed attestation, address bondTo, uint256 bond);

    /// @notice What was credited to `owner` went to `to`.
    event BondWithdrawn(address indexed owner, address indexed to, uint256 amount);

    /// @notice One set signed both of two attestations for one order.
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

    /// @notice Challenges an attestation, and takes the bond from the caller, who has approved it.
    /// @dev The set may have been removed since. Of a token that takes a fee on transfer the bond is what arrived.
    function challenge(Receipt calldata receipt, bytes32 grounds) external;

    /// @notice Adds grounds to an open case, for it or against it. Anyone may.
    function addGrounds(bytes32 attestation, bytes32 grounds) external;

    /// @notice Ends a case: `reversed`, or the attestation stands. Arbiter only, before the deadline.
    function rule(Order calldata order, Attestation calldata attestation, bytes32 set, bool reversed) external;

    /// @notice Ends a case that nobody ruled upon in time: the attestation stands. Anyone may, from the deadline on.
    function expire(Order calldata order, Attestation calldata attestation, bytes32 set) external;

    /// @notice Puts on record that one set signed two attestations for one order. Anyone may; nothing is stored or moved.
    /// @dev Evidence for those who choose the oracles. Either may have settled, or none.
    function proveEquivocation(Receipt calldata first, Receipt calldata second) external;

    /// @notice Sends `owner` what is credited to it. Anyone may. Reverts when the token refuses.
    function withdraw(address owner) external returns (uint256 amount);

    /// @notice Sends what is credited to the caller to another address of its choice.
    function withdrawTo(address to) external returns (uint256 amount);

    /// @notice The case of an attestation (by struct hash); all zero when it was not challenged.
    function cases(bytes32 attestation) external view returns (Case memory);

    /// @notice What is credited to `owner` and can be withdrawn.
    function owed(address owner) external view returns (uint256);

    /// @notice The ledger whose settlements are challenged here.
    function ledger() external view returns (IWholeLedger);

    /// @notice What a challenge costs if it fails, in the token's smallest unit.
    function BOND() external view returns (uint256);

    /// @notice How long the arbiter has, in seconds.
    function RULING_TIME() external view returns (uint256);
}
