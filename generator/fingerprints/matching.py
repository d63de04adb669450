"""Whether two fingerprints are of the same recording: an affine fit of their peaks by votes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.fingerprints import hashes
from generator.fingerprints.fingerprint import (
    PER_OCTAVE,
    STEPS_PER_SECOND,
    TONES,
    Fingerprint,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

MILLION = 1_000_000
"""Speeds are integers in millionths; 1,050,000 is 5 % faster than the other recording."""
SLOWEST, FASTEST, SPEED_STEP = 890_000, 1_120_000, 2_500
FARTHEST_TONES = 56
"""Tones by which a copy may be moved, three and a half semitones."""
FEWEST_VOTES = 6
MOST_EQUAL = 40
"""Equal hashes of one hash that are looked at; a drone repeats one hash without end."""
MOST_PAIRS = 400_000
"""Pairs of equal hashes that vote; of more, each n-th does, so that a drone costs no minutes."""
NEAR_STEPS, NEAR_TONES, NEAR_HEIGHT = 2, 3, 6
"""How far a peak may lie from its place in time, tone and level (dB), and still be the same."""
WINDOW = 10
"""Seconds in which peaks are counted."""
FEWEST_PEAKS = 16
"""A window with fewer peaks counts as if it had so many."""
WRONG = (-61, -37, 37, 61)
"""Steps by which a fit is moved to see how much of it is chance."""
COPY = 500
"""The score from which on a recording counts as a copy; docs/reports/copies.md has the figures."""


@dataclass(frozen=True)
class Match:
    """How one recording lies in another.

    Args:
        score: thousandths of the peaks in the best 10 s that both have, less what chance gives.
        peaks: number of peaks that both have.
        seconds: whole seconds that both have.
        speed: millionths; above 1,000,000 when this one plays faster.
        tones: by how many 1/192 octaves this one is higher.
    """

    score: int
    peaks: int
    seconds: int
    speed: int
    tones: int


@dataclass(frozen=True)
class Fit:
    """Where a peak of one recording lies in another: time * speed / 10^6 + start, tone - tones."""

    tones: int
    speed: int
    start: int


class Question:
    """A fingerprint with the hashes that are asked for, which many comparisons share."""

    def __init__(self, found: Fingerprint) -> None:
        import numpy as np

        self.found = found
        asked, rows = hashes.asked(found)
        order = np.argsort(asked, kind="stable")  # a search in order is three times as fast
        self.hashes, self.rows = asked[order], rows[order]


def match(one: Fingerprint, other: Fingerprint) -> Match | None:
    """The best fit of one recording in another; None when there are too few votes for any."""
    return compared(Question(one), other)


def compared(question: Question, other: Fingerprint) -> Match | None:
    """As `match`."""
    fit = _voted(question, other)
    return _counted(question.found, other, fit) if fit else None


def _voted(question: Question, other: Fingerprint) -> Fit | None:
    """The fit with the most votes of equal hashes."""
    import numpy as np

    one = question.found
    left, right = _equal(question, other)
    moved = np.rint((one.tones[left] - other.tones[right]).mean(axis=1)).astype(np.int64)
    here, there = one.times[left], other.times[right]
    speed = (there[:, 2] - there[:, 0]) * MILLION // (here[:, 2] - here[:, 0])
    usable = (abs(moved) <= FARTHEST_TONES) & (abs(speed - MILLION) < 180_000)
    moved, here, there = moved[usable], here[usable, 0], there[usable, 0]
    if len(moved) < FEWEST_VOTES:
        return None
    tones = _most(moved, FARTHEST_TONES)
    alike = abs(moved - tones) <= 2
    return _line(here[alike], there[alike], tones)


def _most(values: Integers, reach: int) -> int:
    """The value, -reach..reach, around which the most values lie."""
    import numpy as np

    counts = np.bincount(values + reach, minlength=2 * reach + 1)
    return int(np.argmax(np.convolve(counts, [1, 2, 3, 2, 1], mode="same"))) - reach


def _line(here: Integers, there: Integers, tones: int) -> Fit | None:
    """The line in time with the most pairs near it, then the one of least squares through those."""
    import numpy as np

    best = (0, 0, MILLION, 0)
    for speed in range(SLOWEST, FASTEST + 1, SPEED_STEP):
        starts = there - here * speed // MILLION
        low = int(starts.min()) - 1
        counts = np.bincount(starts - low, minlength=int(starts.max()) - low + 2)
        wide = counts[:-2] + counts[1:-1] + counts[2:]
        at = int(np.argmax(wide))
        best = max(best, (int(wide[at]), -abs(speed - MILLION), speed, at + low + 1))
    if best[0] < FEWEST_VOTES:
        return None
    return _refined(here, there, Fit(tones, best[2], best[3]))


def _refined(here: Integers, there: Integers, fit: Fit) -> Fit:
    import numpy as np

    for reach in (6, 3):
        near = abs(there - here * fit.speed // MILLION - fit.start) <= reach
        x, y = here[near], there[near]
        spread = float(np.sum((x - x.mean()) ** 2)) if near.any() else 0.0
        if spread < 10_000:
            return fit
        slope = float(np.sum((x - x.mean()) * (y - y.mean()))) / spread
        start = round(float(y.mean() - slope * x.mean()))
        fit = Fit(fit.tones, round(slope * MILLION), start)
    return fit


def _equal(question: Question, other: Fingerprint) -> tuple[Integers, Integers]:
    """The rows of peaks of both whose hashes are equal."""
    import numpy as np

    known, rows = hashes.hashes(other)
    order = np.argsort(known, kind="stable")
    known = known[order]
    first = np.searchsorted(known, question.hashes, side="left")
    last = np.searchsorted(known, question.hashes, side="right")
    count = np.minimum(last - first, MOST_EQUAL)
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    taken = np.arange(0, total, 1 + total // MOST_PAIRS)
    asked = np.searchsorted(ends, taken, side="right")
    ahead = taken - (ends - count)[asked]
    return question.rows[asked], rows[order[first[asked] + ahead]]


def _counted(one: Fingerprint, other: Fingerprint, fit: Fit) -> Match | None:
    """Counts the peaks of the overlap that both have."""

    times, tones = one.times * fit.speed // MILLION + fit.start, one.tones - fit.tones
    inside = (times >= 0) & (times < other.steps) & (tones >= 0) & (tones < TONES)
    if not inside.any() or not len(other):
        return None
    times, tones, heights = times[inside], tones[inside], one.heights[inside]
    heights = heights + _louder(other, times, tones, heights)
    same = _present(other, times, tones, heights)
    wrong = [int(_present(other, times + step, tones, heights).sum()) for step in WRONG]
    chance = sum(wrong) * 1000 // (len(WRONG) * len(times))
    first, last = max(0, fit.start), min(other.steps, int(times[-1]) + 1)
    return Match(
        score=max(0, _best(one.times[inside], same) - chance),
        peaks=int(same.sum()),
        seconds=max(0, int((last - first) / STEPS_PER_SECOND)),
        speed=fit.speed,
        tones=fit.tones,
    )


def _best(times: Integers, same: Booleans) -> int:
    """Thousandths of the peaks that are the same in the best window."""
    import numpy as np

    second = (times / STEPS_PER_SECOND).astype(np.int64)
    second -= second[0]
    ones = np.ones(min(WINDOW, int(second[-1]) + 1), np.int64)
    every = np.convolve(np.bincount(second), ones, mode="valid")
    found = np.convolve(np.bincount(second[same], minlength=int(second[-1]) + 1), ones, "valid")
    return int((found * 1000 // np.maximum(every, FEWEST_PEAKS)).max())


def _louder(
    found: Fingerprint, times: Integers, tones: Integers, heights: Integers
) -> Integers:
    """By how many decibels the fingerprint is louder at each peak: the median of each octave, then
    of each 5 s. So an equaliser, a fade or a turned knob hides nothing.
    """
    import numpy as np

    by = np.full((2 * NEAR_STEPS + 1, len(times)), np.nan)
    for row, (at, hit) in enumerate(_near(found, times, tones)):
        by[row, hit] = found.heights[at[hit]] - heights[hit]
    louder = np.zeros(len(times))
    for places in (tones // PER_OCTAVE, (times / (5 * STEPS_PER_SECOND)).astype(np.int64)):
        for place in np.unique(places):
            known = (by - louder)[:, places == place]
            known = known[~np.isnan(known)]
            if len(known):
                louder[places == place] += np.median(known)
    return np.rint(louder).astype(np.int64)


def _present(found: Fingerprint, times: Integers, tones: Integers, heights: Integers) -> Booleans:
    """Whether the fingerprint has a peak near each of some places that is as high."""
    import numpy as np

    same = np.zeros(len(times), bool)
    for at, hit in _near(found, times, tones):
        same |= hit & (abs(found.heights[at] - heights) <= NEAR_HEIGHT)
    return same


def _near(
    found: Fingerprint, times: Integers, tones: Integers
) -> Iterator[tuple[Integers, Booleans]]:
    """For each step near the times, the index of a peak near each tone, and whether one is."""
    import numpy as np

    known = found.times * TONES * 2 + found.tones
    for step in range(-NEAR_STEPS, NEAR_STEPS + 1):
        row = (times + step) * TONES * 2
        low = np.searchsorted(known, row + np.maximum(tones - NEAR_TONES, 0))
        high = np.searchsorted(known, row + tones + NEAR_TONES, side="right")
        yield np.minimum(low, len(known) - 1), high > low
