"""Who may be used for what, and since when. The rule the contract applies, asked before paying."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.domain.recording import Consent, Recording

CONDITIONING = 1
TRAINING = 2
COMMERCIAL = 4
VOICE = 8

WHOLE_SHARE = 10_000
"""`max_share` that sets no limit, in 1/10,000."""

SHARE_TOLERANCE = 50_000
"""Engines meet asked weights to a few per cent: the room a limit must leave, in millionths."""

REASONS = ("unknown", "revoked", "expired", "not_yet", "unpermitted", "share")


@dataclass(frozen=True)
class Tier:
    """The use that is paid for: its number in orders and the uses it needs."""

    number: int
    use: int


TIERS = {"personal": Tier(0, CONDITIONING), "commercial": Tier(1, CONDITIONING | COMMERCIAL)}


@dataclass(frozen=True)
class Refusal:
    """Why one recording may not be used; `reason` is one of `REASONS`."""

    recording: int
    reason: str
    detail: str


def check(
    number: int,
    recording: Recording | None,
    use: int,
    at: int,
    weight: int,
    tolerance: int = SHARE_TOLERANCE,
) -> Refusal | None:
    """Whether a recording may carry `weight` of an output for `use` at time `at`.

    Args:
        number: id that was asked for.
        recording: what the chain has at a block, None when nothing.
        use: mask of uses that must all be permitted.
        at: when the track is made; the window is half-open, [from, until). A consent that has been
            replaced since stands for what was made under it.
        weight: share of the output in millionths.
        tolerance: room the limit must leave, millionths; 0 once the true weight is known.

    Returns:
        The first reason against it, or None.
    """
    if recording is None:
        return Refusal(number, "unknown", f"recording {number} is not registered")
    consent = recording.consent_at(at)
    if at < consent.consent_from:
        return Refusal(
            number, "not_yet", f"consent starts at {consent.consent_from}, the block is of {at}"
        )
    if at >= consent.consent_until:
        return _ended(recording, consent.consent_until, at)
    if consent.uses & use != use:
        return Refusal(number, "unpermitted", f"uses {consent.uses} permitted, uses {use} needed")
    return _share(number, consent, weight, tolerance)


def _ended(recording: Recording, until: int, at: int) -> Refusal:
    if until != recording.consent_until:
        starts = recording.consent_from
        detail = f"consent ended at {until} and starts anew at {starts}, the block is of {at}"
        return Refusal(recording.id, "not_yet", detail)
    # Revoking after the window closed changes nothing, so such consent expired.
    if 0 < recording.revoked_at <= until:
        return Refusal(recording.id, "revoked", f"consent was revoked at {recording.revoked_at}")
    return Refusal(recording.id, "expired", f"consent ended at {until}, the block is of {at}")


def _share(number: int, consent: Consent, weight: int, tolerance: int) -> Refusal | None:
    limit = consent.max_share * 100
    if consent.max_share >= WHOLE_SHARE or weight + tolerance <= limit:
        return None
    room = f" and {tolerance} of tolerance" if tolerance else ""
    return Refusal(number, "share", f"weight {weight}{room} exceeds the largest share {limit}")
