"""Whether a recording may be used: the contract's rule, checked before the payment."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.domain.recording import Consent, Recording

CONDITIONING = 1
TRAINING = 2
COMMERCIAL = 4
VOICE = 8

WHOLE_SHARE = 10_000
"""The value of `max_share` that sets no limit, in 1/10,000."""

SHARE_TOLERANCE = 50_000
"""Room below a share limit before the track exists, in millionths: engines meet requested weights
to within a few per cent."""

REASONS = (
    "unknown", "revoked", "expired", "not_yet", "unpermitted", "share",
    "quarantined", "not_held", "tempo", "too_short", "cap_reached", "escrow_short", "below_cost",
)  # fmt: skip
"""The first six are about consent. The last three are about no recording."""


@dataclass(frozen=True)
class Tier:
    """A tier: its number in orders and the mask of uses that it needs."""

    number: int
    use: int


TIERS = {"personal": Tier(0, CONDITIONING), "commercial": Tier(1, CONDITIONING | COMMERCIAL)}


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused.

    Args:
        recording: the recording that may not be used; None when the reason is about none.
        reason: one of `REASONS`.
        detail: one sentence with the numbers that decided.
    """

    recording: int | None
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
        number: the requested id.
        recording: as the chain has it at a block; None when it is not registered.
        use: mask of uses; all must be permitted.
        at: when the track is made, seconds since 1970. The consent window is half-open,
            [from, until). A replaced consent still applies to tracks made under it.
        weight: share of the output in millionths.
        tolerance: room below the share limit in millionths; 0 when the true weight is known.

    Returns:
        The first reason against the use, or None.
    """
    if recording is None:
        return Refusal(number, "unknown", f"recording {number} is not registered")
    consent = recording.consent_at(at)
    if at < consent.consent_from:
        return Refusal(
            number,
            "not_yet",
            f"consent starts at {consent.consent_from}, after the block's time {at}",
        )
    if at >= consent.consent_until:
        return _ended(recording, consent.consent_until, at)
    if consent.uses & use != use:
        return Refusal(
            number, "unpermitted", f"consent has uses {consent.uses}, the tier needs uses {use}"
        )
    return _share(number, consent, weight, tolerance)


def _ended(recording: Recording, until: int, at: int) -> Refusal:
    if until != recording.consent_until:
        starts = recording.consent_from
        detail = f"consent ended at {until} and starts again at {starts}, the block's time is {at}"
        return Refusal(recording.id, "not_yet", detail)
    # A revocation after the end of the window changes nothing: the consent had expired.
    if 0 < recording.revoked_at <= until:
        return Refusal(recording.id, "revoked", f"consent was revoked at {recording.revoked_at}")
    return Refusal(recording.id, "expired", f"consent ended at {until}, the block's time is {at}")


def _share(number: int, consent: Consent, weight: int, tolerance: int) -> Refusal | None:
    limit = consent.max_share * 100
    if consent.max_share >= WHOLE_SHARE or weight + tolerance <= limit:
        return None
    room = f" plus tolerance {tolerance}" if tolerance else ""
    return Refusal(number, "share", f"weight {weight}{room} exceeds the largest share {limit}")
