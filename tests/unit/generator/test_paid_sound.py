"""A track in which a reference is paid and not heard is refused, by its maker and by a checker."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from generator.engines.mosaic.paid_sound import require_heard
from oracle.domain.errors import InvalidInput
from tests.unit.generator.traces import trace

ROW = (-1, -1, -1)


def judge(frames: Sequence[int], audible: Sequence[int]) -> None:
    """Judges a track whose second reference counts and sounds so much beside the first."""
    require_heard(trace([ROW] * 2, draws=[1, 2], frames=frames, audible=[0, *audible]))


@pytest.mark.parametrize("audible", [(50, 50), (79, 21), (21, 79)])
def test_a_track_in_which_all_are_heard_is_made(audible: Sequence[int]) -> None:
    judge((1_000, 1_000), audible)


@pytest.mark.parametrize(("audible", "named"), [((81, 19), 1), ((0, 9), 0), ((9, 0), 1)])
def test_the_reference_that_is_paid_and_not_heard_is_named(
    audible: Sequence[int], named: int
) -> None:
    with pytest.raises(InvalidInput, match="more than twice what is heard") as caught:
        judge((1_000, 1_000), audible)
    assert caught.value.field == f"references[{named}].recording"
    assert caught.value.value == str(named + 1)


def test_a_few_beats_of_a_short_track_are_not_judged() -> None:
    judge((9_000, 1_000), (1, 0))


def test_a_lone_reference_is_not_judged() -> None:
    require_heard(trace([ROW[:2]], audible=[0, 0]))
