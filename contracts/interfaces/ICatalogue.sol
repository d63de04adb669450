// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What an owner states when registering a recording.
/// @param owner Who owns the entry; must be the caller.
/// @param split Table of holders in RightsSplits; 0 pays everything to the owner.
/// @param consentFrom Start of consent, Unix seconds; a moment in the past means "from this block on".
/// @param consentUntil End of consent, Unix seconds, exclusive.
/// @param uses Permitted uses: 1 conditioning, 2 training, 4 commercial, 8 voice, added up.
/// @param maxShare Largest share of one generation, in 1/10,000.
/// @param audio sha2-256 of the file's bytes as uploaded to the vault.
/// @param metadata sha2-256 digest inside the metadata's CIDv1 (raw block).
/// @param isrc International Standard Recording Code, may be empty.
struct Registration {
    address owner;
    uint32 split;
    uint32 consentFrom;
    uint32 consentUntil;
    uint8 uses;
    uint16 maxShare;
    bytes32 audio;
    bytes32 metadata;
    string isrc;
}

/// @notice A recording as it stands now. An owner of zero means that the recording is unknown.
/// @param unclaimed Credited and not yet withdrawn, in the token's smallest unit.
struct RecordingView {
    address owner;
    uint32 split;
    uint32 consentFrom;
    uint32 consentUntil;
    uint8 uses;
    uint16 maxShare;
    uint256 unclaimed;
}

/// @title ICatalogue
/// @notice Recordings by sequential id, and the consent that stands with each.
///
/// Consent is a half-open window of time: a generation made at `t` may use a recording when
/// `consentFrom <= t < consentUntil`. What counts is when the track was made, not when it is settled, so a revocation
/// and a settlement give the same result in either order.
///
/// Consent only reaches forward: a window that starts in the past is cut to start at the block of registration.
///
/// Warning: nobody checks here that the owner holds the rights, nor that the audio is new to the catalogue. Two entries
/// may carry the same hash; whoever builds on this must resolve them by the order of registration.
interface ICatalogue {
    event Registered(
        uint32 indexed recording,
        address indexed owner,
        uint32 split,
        uint32 consentFrom,
        uint32 consentUntil,
        uint8 uses,
        uint16 maxShare,
        bytes32 audio,
        bytes32 metadata,
        string isrc
    );
    event Revoked(uint32 indexed recording, uint256 at);

    error Catalogue_NoSplits(address splits);
    error Catalogue_NotOwner(address caller, address owner);
    error Catalogue_EmptyBatch();
    error Catalogue_Full(uint256 count);
    error Catalogue_EmptyWindow(uint256 consentFrom, uint256 consentUntil);
    error Catalogue_UnknownUses(uint256 uses);
    error Catalogue_ShareOutOfRange(uint256 maxShare);
    error Catalogue_UnknownSplit(uint256 split, uint256 count);
    error Catalogue_NoAudio();
    error Catalogue_UnknownRecording(uint256 recording);

    /// @notice Registers one recording and returns its id. Ids start at 1 and have no gaps.
    function register(Registration calldata registration) external returns (uint32 recording);

    /// @notice Registers several recordings and returns the id of the first; the others follow it.
    function registerBatch(Registration[] calldata registrations) external returns (uint32 first);

    /// @notice Ends consent at this block's time. Owner only. A consent that has already ended stays as it was.
    /// @dev Tracks made before this block may still be settled within `maxLag`.
    function revoke(uint32 recording) external;

    /// @notice The recording as it stands now; all zero when unknown.
    function recordings(uint32 recording) external view returns (RecordingView memory);

    /// @notice How many recordings there are, which is also the highest id.
    function recordingCount() external view returns (uint256);
}
