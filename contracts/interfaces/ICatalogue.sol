// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What an owner declares when registering recordings. The caller becomes their owner.
/// @param split Table of holders in RightsSplits; 0 pays everything to the owner.
/// @param consentFrom Start of consent, in Unix seconds; a time in the past means "from this block on".
/// @param consentUntil End of consent, in Unix seconds, exclusive.
/// @param uses Permitted uses, added up: 1 conditioning, 2 training, 4 commercial, 8 voice.
/// @param maxShare Largest share of one generation, in 1/10,000.
/// @param licence Reference to the licence's text: an SPDX identifier, a URL or a CID; may be empty.
struct Terms {
    uint32 split;
    uint32 consentFrom;
    uint32 consentUntil;
    uint8 uses;
    uint16 maxShare;
    string licence;
}

/// @notice The current state of a recording. An owner of zero means that the recording is unknown.
/// @param version The number of consents before this one, modulo 256.
/// @param unclaimed What can be withdrawn now, in the token's smallest unit.
/// @param disputable What is credited and not yet past the dispute window.
struct RecordingView {
    address owner;
    uint32 split;
    uint32 consentFrom;
    uint32 consentUntil;
    uint8 uses;
    uint16 maxShare;
    uint8 version;
    uint256 unclaimed;
    uint256 disputable;
}

/// @title ICatalogue
/// @notice Recordings by sequential id, and the consent of each.
///
/// Consent is a half-open window of time: a generation made at `t` may use a recording if
/// `consentFrom <= t < consentUntil`. The time of making counts and not the time of settlement, so a revocation and a
/// settlement give the same result in either order. Consent only applies forward: nothing that an owner does changes
/// what was permitted before.
///
/// Conditioning (the inference set: what may shape one output and is paid by that output) and training (the training
/// set: what may shape a model and is paid from the training pool) are separate uses: an owner may permit either
/// without the other.
///
/// Replaced consents are kept, so that a track made under one can be settled within `maxLag`. The ledger looks back at
/// the last one only, therefore a consent that took effect cannot be replaced twice within `maxLag`. Revoking always
/// works.
///
/// Warning: nobody checks here that the owner holds the rights, or that the audio is new to the catalogue. Two entries
/// may have the same hash; applications must resolve this by the order of registration.
/// Warning: if a recording changes hands, the new owner gets what is still open to dispute; what can be withdrawn is
/// paid to the old holders first.
/// Warning: the oracles check price floors, the ledger does not; a settlement below them can be disputed.
interface ICatalogue {
    /// @notice Recordings `first`, `first + 1`, … were registered, one for each audio hash.
    /// @param audio sha2-256 of each file's bytes as uploaded to the vault.
    /// @param metadata The sha2-256 digest in each metadata's CIDv1 (raw block).
    /// @param isrcs International Standard Recording Codes in the same order, separated by commas; empty if there is
    /// none.
    event Registered(
        uint32 indexed first,
        address indexed owner,
        uint32 split,
        uint32 consentFrom,
        uint32 consentUntil,
        uint8 uses,
        uint16 maxShare,
        bytes32[] audio,
        bytes32[] metadata,
        string isrcs,
        string licence
    );

    /// @notice The consent of `recording` from now on. The consent before it is version `version`, which ended at this
    /// block.
    event Amended(
        uint32 indexed recording, uint32 consentFrom, uint32 consentUntil, uint8 uses, uint16 maxShare, uint8 version
    );

    /// @notice Consent ended at `at`: at this block's time, or earlier if it had already ended.
    event Revoked(uint32 indexed recording, uint256 at);
    event FloorsSet(uint32 indexed recording, uint64[4] perSecond);
    event Offered(uint32 indexed recording, address indexed to);
    event Assigned(uint32 indexed recording, address indexed owner, uint32 split);

    error Catalogue_NotOwner(address caller, address owner);
    error Catalogue_EmptyBatch();
    error Catalogue_LengthsDiffer(uint256 audio, uint256 metadata);
    error Catalogue_Full(uint256 count);
    error Catalogue_EmptyWindow(uint256 consentFrom, uint256 consentUntil);
    error Catalogue_UnknownUses(uint256 uses);
    error Catalogue_ShareOutOfRange(uint256 maxShare);
    error Catalogue_UnknownSplit(uint256 split, uint256 count);
    error Catalogue_NoAudio(uint256 index);
    error Catalogue_UnknownRecording(uint256 recording);
    error Catalogue_ChangedLately(uint256 closedAt, uint256 earliest);
    error Catalogue_NotOffered(address caller, address to);

    /// @notice Registers one recording and returns its id. Ids start at 1 and have no gaps.
    function register(Terms calldata terms, bytes32 audio, bytes32 metadata, string calldata isrc)
        external
        returns (uint32 recording);

    /// @notice Registers several recordings under the same terms and returns the id of the first; the others follow it.
    function registerBatch(
        Terms calldata terms,
        bytes32[] calldata audio,
        bytes32[] calldata metadata,
        string calldata isrcs
    ) external returns (uint32 first);

    /// @notice Replaces consent from this block on, or from `consentFrom` if that is later. The new consent may be
    /// wider or narrower, or follow a revocation. Owner only.
    /// @dev A consent that has not begun yet is replaced without keeping a version; one that has begun keeps its
    /// version.
    function amend(uint32 recording, uint32 consentFrom, uint32 consentUntil, uint8 uses, uint16 maxShare) external;

    /// @notice Ends consent at this block's time. Owner only. A consent that has already ended keeps its end.
    /// @dev Tracks made before this block may still be settled within `maxLag`.
    function revoke(uint256 recording) external;

    /// @notice Does `revoke` for several recordings of the caller.
    function revokeMany(uint32[] calldata ids) external;

    /// @notice Sets the lowest royalty for one second of a track that uses the recording, by tier 0 to 3, in the
    /// token's smallest unit. Owner only. Zero sets no floor.
    function setFloors(uint32 recording, uint64[4] calldata perSecond) external;

    /// @notice Offers a recording to a new owner; zero cancels an offer. Owner only. Nothing else changes until it is
    /// accepted.
    function offer(uint32 recording, address to) external;

    /// @notice Takes a recording that was offered to the caller. `split` pays out the recording from now on. What can
    /// be withdrawn is paid to the old holders first.
    function accept(uint32 recording, uint32 split) external;

    /// @notice Pays a recording out by another table from now on. Owner only. What can be withdrawn is paid to the old
    /// holders first.
    function assign(uint32 recording, uint32 split) external;

    /// @notice The current state of a recording; all zero if it is unknown.
    function recordings(uint32 recording) external view returns (RecordingView memory);

    /// @notice A replaced consent as a packed word (see RecordingWords); zero if there is none.
    function pastConsent(uint32 recording, uint8 version) external view returns (uint256 word);

    /// @notice The address that a recording is offered to; zero if there is no offer.
    function offeredTo(uint32 recording) external view returns (address);

    /// @notice The floors that `setFloors` set.
    function floors(uint32 recording) external view returns (uint64[4] memory perSecond);

    /// @notice The number of recordings, which is also the highest id.
    function recordingCount() external view returns (uint256);
}
