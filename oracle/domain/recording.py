"""A registered recording and its consent, as the chain has them."""

from __future__ import annotations

from dataclasses import dataclass

TIERS = 4
"""Number of tiers for which an owner may set a floor."""


@dataclass(frozen=True)
class Consent:
    """An owner's consent: half-open window in seconds since 1970, mask of uses, largest share."""

    consent_from: int
    consent_until: int
    uses: int
    max_share: int


@dataclass(frozen=True)
class Recording:
    """A recording as of one block.

    Args:
        id: sequential from 1.
        owner: EIP-55 address that may change consent.
        split: number of the table of payees; 0 pays the owner.
        consent_from, consent_until: half-open window in seconds since 1970.
        uses: mask of permitted uses.
        max_share: largest share of one output, in 1/10,000.
        audio: sha256 of the uploaded file, 64 hex digits; empty when not looked up.
        metadata: digest of the metadata's CID, 0x-hex; empty when not looked up.
        isrc: as registered; empty when not looked up.
        revoked_at: when consent was revoked, in seconds since 1970; 0 when it was not.
        version: number of earlier consents, modulo 256.
        past: the consent that this one replaced, if any; it still applies to tracks made under it.
        floors: lowest royalty for each second of a track, by tier, in the token's smallest units.
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
    version: int = 0
    past: Consent | None = None
    floors: tuple[int, ...] = (0,) * TIERS

    def consent_at(self, time: int) -> Consent:
        """The consent that applied at `time`: the current one, or the one before when known.

        The ledger looks no further back; its rules stop owners from making that necessary.
        """
        if self.past is not None and time < self.consent_from:
            return self.past
        return Consent(self.consent_from, self.consent_until, self.uses, self.max_share)
