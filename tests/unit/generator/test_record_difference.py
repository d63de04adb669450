"""A maker's analysis record counts only where it is near the node's own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from generator.engines.mosaic.record_difference import FEW, NEAR, OUTLIER, is_near

GRAINS = 300
LEVEL = {
    "starts": list(range(0, 100 * (GRAINS + 1), 100)),
    "ends": list(range(90, 100 * GRAINS, 100)),
    "phase": 1,
    "harmonic": [[-3_000] * 36 for _ in range(GRAINS)],
    "percussive": [[-4_000] * 32 for _ in range(GRAINS)],
    "powers": [[-2_000] * GRAINS, [-2_500] * GRAINS],
}
OWN = {
    "refrain_record": 1, "engine": "mosaic", "version": "2", "samples": "ab" * 32,
    "frames": 44_100, "gain": 65_536, "gain_centibels": 0, "confidence": 700_000, "tracked": 1,
    "millibpm": 90_000, "key": [83_333] * 12, "levels": {"1": LEVEL, "2": LEVEL},
}  # fmt: skip


def changed(*place: Any, by: Callable[[Any], Any]) -> dict[str, Any]:
    other = copy.deepcopy(OWN)
    found: Any = other
    for key in place[:-1]:
        found = found[key]
    found[place[-1]] = by(found[place[-1]])
    return other


def test_an_equal_record_is_near():
    assert is_near(OWN, copy.deepcopy(OWN))


@pytest.mark.parametrize(
    ("place", "bound"),
    [
        (("gain",), 65), (("gain_centibels",), NEAR["gain_centibels"]),
        (("confidence",), NEAR["confidence"]), (("millibpm",), NEAR["millibpm"]),
        (("frames",), 0), (("tracked",), 0), (("levels", "1", "phase"), 0),
    ],
)  # fmt: skip
def test_a_number_is_near_up_to_its_bound(place, bound):
    for step in (bound, -bound):
        assert is_near(OWN, changed(*place, by=lambda value, step=step: value + step))
    for step in (bound + 1, -bound - 1):
        assert not is_near(OWN, changed(*place, by=lambda value, step=step: value + step))


@pytest.mark.parametrize("name", ["starts", "ends"])
def test_a_few_numbers_of_a_list_may_be_further_off(name):
    bound, few = NEAR[name], len(LEVEL[name]) // FEW
    far = bound * OUTLIER

    def moved(count: int, step: int) -> dict[str, Any]:
        by = lambda row: [x + step if i < count else x for i, x in enumerate(row)]  # noqa: E731
        return changed("levels", "2", name, by=by)

    assert is_near(OWN, moved(len(LEVEL[name]), bound))
    assert is_near(OWN, moved(few, far))
    assert not is_near(OWN, moved(few + 1, bound + 1))
    assert not is_near(OWN, moved(1, far + 1))


def test_rows_are_counted_together():
    """One outlier in each row of features would be many."""
    by = lambda rows: [[row[0] + 100, *row[1:]] for row in rows]  # noqa: E731
    assert not is_near(OWN, changed("levels", "1", "harmonic", by=by))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("samples",), "ab" * 31), (("samples",), 7), (("engine",), "radio"), (("levels",), []),
        (("tracked",), True), (("gain",), 65_536.0), (("key",), [83_333] * 11),
        (("key",), "83333"), (("levels", "1", "starts"), [True] * (GRAINS + 1)),
        (("levels", "1", "powers"), [[-2_000] * GRAINS]),
        (("levels", "1", "powers"), [[-2_000] * GRAINS, [-2_500] * (GRAINS - 1)]),
        (("levels", "1", "powers"), [5, 5]), (("levels", "1", "ends"), None),
    ],
)  # fmt: skip
def test_another_form_is_not_near(place, value):
    assert not is_near(OWN, changed(*place, by=lambda _: value))


def test_other_keys_are_not_near():
    assert not is_near(OWN, {**OWN, "more": 1})
    assert not is_near(OWN, {key: value for key, value in OWN.items() if key != "key"})
    assert not is_near(OWN, [OWN])


def test_another_decoder_may_name_its_samples_otherwise():
    assert is_near(OWN, {**OWN, "samples": "cd" * 32})
