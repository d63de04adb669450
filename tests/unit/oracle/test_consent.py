"""Consent: every reason against a recording, and the exact seconds of start and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.consent import REASONS, TIERS, check
from oracle.domain.recording import Consent
from tests.support.samples import recording

TIMES = st.integers(0, 2**32 - 1)


def reason(found):
    return found.reason if found else None


def test_a_recording_that_permits_everything_is_accepted():
    assert check(1, recording(1), TIERS["commercial"].use, 100, 1_000_000) is None


def test_an_unregistered_recording_is_unknown():
    refusal = check(7, None, 1, 100, 1)
    assert (refusal.recording, refusal.reason) == (7, "unknown")


@pytest.mark.parametrize(
    ("at", "expected"), [(9, "not_yet"), (10, None), (19, None), (20, "expired")]
)
def test_the_window_is_half_open(at, expected):
    assert reason(check(1, recording(1, consent_from=10, consent_until=20), 1, at, 1)) == expected


@pytest.mark.parametrize(
    ("until", "revoked_at", "at", "expected"),
    [
        (50, 50, 49, None),
        (50, 50, 50, "revoked"),
        (50, 50, 51, "revoked"),
        (50, 60, 70, "expired"),  # revoked after it had ended by itself
        (50, 0, 50, "expired"),
    ],
)
def test_revoked_and_expired_consent_have_different_reasons(until, revoked_at, at, expected):
    found = recording(1, consent_until=until, revoked_at=revoked_at)
    assert reason(check(1, found, 1, at, 1)) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(9, "not_yet"), (10, "share"), (49, "share"), (50, "not_yet"), (79, "not_yet"), (80, None)],
)
def test_a_replaced_consent_applies_to_tracks_made_under_it(at, expected):
    found = recording(1, consent_from=80, version=1, past=Consent(10, 50, 1, 100))
    refusal = check(1, found, 1, at, 400_000)
    assert reason(refusal) == expected
    if at == 50:
        assert "ended at 50 and starts again at 80" in refusal.detail


@given(st.integers(0, 255), st.integers(0, 255))
def test_every_needed_use_must_be_permitted(uses, use):
    expected = (
        None
        if all(uses & bit for bit in (1, 2, 4, 8, 16, 32, 64, 128) if use & bit)
        else ("unpermitted")
    )
    assert reason(check(1, recording(1, uses=uses), use, 100, 1)) == expected


@pytest.mark.parametrize(
    ("max_share", "weight", "tolerance", "expected"),
    [
        (5_000, 450_000, 50_000, None),
        (5_000, 450_001, 50_000, "share"),
        (5_000, 500_000, 0, None),
        (5_000, 500_001, 0, "share"),
        (10_000, 1_000_000, 50_000, None),
        (9_999, 1_000_000, 50_000, "share"),
        (0, 1, 0, "share"),
    ],
)
def test_the_share_limit_keeps_room_only_before_the_track_exists(
    max_share, weight, tolerance, expected
):
    found = check(1, recording(1, max_share=max_share), 1, 100, weight, tolerance)
    assert reason(found) == expected


@given(TIMES, TIMES, TIMES, TIMES)
def test_every_refusal_has_a_known_reason_and_a_detail(start, until, at, revoked_at):
    found = recording(1, consent_from=start, consent_until=until, revoked_at=revoked_at)
    refusal = check(1, found, 1, at, 1)
    assert (refusal is None) == (start <= at < until)
    assert refusal is None or (refusal.reason in REASONS and refusal.detail)
