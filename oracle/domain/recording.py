"""A registered recording as the chain has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recording:
    """One recording at one block.

    Args:
        id: sequential from 1.
        owner: EIP-55 address that may change consent.
        split: holder table paid out to; 0 pays the owner.
        consent_from, consent_until: half-open window in seconds since 1970.
        uses: mask of permitted uses.
        max_share: largest share of one output, in 1/10,000.
        audio: sha256 of the uploaded file, 64 hex digits; empty when not looked up.
        metadata: digest of the metadata's CID, 0x-hex; empty when not looked up.
        isrc: as registered; empty when not looked up.
        revoked_at: when consent was revoked, in seconds since 1970; 0 when it was not.
    """

    id: int
    owner: str
    split: int
    consent_from: int
    consent_until: int
    uses: int
    max_share: int
    audio: str = ""
    metadata: str = ""
    isrc: str = ""
    revoked_at: int = 0
