"""Hashes of three peaks that a change of pitch, speed or tempo leaves as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.fingerprints.fingerprint import Fingerprint

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

NEAREST, FARTHEST = 8, 86
"""Steps between the first and the last peak of a hash, 0.2 to 2 s."""
REACH = 288
"""Tones by which a peak may differ from the first, 1.5 octaves."""
PARTNERS = 5
"""Later peaks with which each peak makes hashes, two at a time: ten hashes."""
FINE = 6.0
"""Tones in a class of differences."""
RATIOS = 12
"""Classes of the place of the middle peak between the other two."""
SPANS = 3.0
"""Classes of the span in an octave."""
REGISTERS = 48.0
"""Tones in a class of the first peak."""
LEEWAY = 0.34
"""A value that is nearer than this to another class is looked up there too."""


def triples(found: Fingerprint) -> Integers:
    """(H, 3) indices of peaks, each row ascending by time."""
    import numpy as np

    pairs = _partners(found)
    rows = []
    for first in range(PARTNERS):
        for second in range(first + 1, PARTNERS):
            one, two = pairs[:, first], pairs[:, second]
            whole = (one >= 0) & (two >= 0)
            rows.append(np.stack([np.nonzero(whole)[0], one[whole], two[whole]], axis=1))
    made = np.concatenate(rows)
    return made[found.times[made[:, 2]] > found.times[made[:, 1]]]


def _partners(found: Fingerprint) -> Integers:
    """(N, PARTNERS) indices of later peaks near each peak; -1 where there is none."""
    import numpy as np

    times, tones, count = found.times, found.tones, len(found)
    chosen = np.full((count, PARTNERS), -1, np.int64)
    taken = np.zeros(count, np.int64)
    every = np.arange(count)
    for ahead in range(1, 96):
        if ahead >= count:
            break
        one, two = every[:-ahead], every[ahead:]
        span = times[two] - times[one]
        near = (span >= NEAREST) & (span <= FARTHEST) & (abs(tones[two] - tones[one]) <= REACH)
        near &= taken[one] < PARTNERS
        hit = one[near]
        chosen[hit, taken[hit]] = hit + ahead
        taken[hit] += 1
    return chosen


def coordinates(found: Fingerprint, rows: Integers) -> Floats:
    """(H, 5) values whose whole parts make the hash."""
    import numpy as np

    times, tones = found.times[rows].astype(np.float64), found.tones[rows].astype(np.float64)
    span = times[:, 2] - times[:, 0]
    return np.stack(
        [
            (tones[:, 1] - tones[:, 0] + REACH) / FINE,
            (tones[:, 2] - tones[:, 0] + REACH) / FINE,
            (times[:, 1] - times[:, 0]) / span * RATIOS,
            np.log2(span) * SPANS,
            tones[:, 0] / REGISTERS,
        ],
        axis=1,
    )


def packed(values: Floats) -> Integers:
    """(H,) hashes below 2^32 of (H, 5) coordinates."""
    import numpy as np

    whole = np.floor(values).astype(np.int64) & np.array([127, 127, 15, 31, 31])
    shifts = np.array([25, 18, 14, 9, 4])
    return (whole << shifts).sum(axis=1) >> 4


def hashes(found: Fingerprint) -> tuple[Integers, Integers]:
    """The hashes of a fingerprint and the rows of peaks that they are made of."""
    rows = triples(found)
    return packed(coordinates(found, rows)), rows


def asked(found: Fingerprint) -> tuple[Integers, Integers]:
    """The same for a question: also the hashes in the next class, where a value is near to it."""
    import numpy as np

    rows = triples(found)
    values, which = coordinates(found, rows), np.arange(len(rows))
    for axis in range(values.shape[1]):
        part = values[:, axis] % 1.0
        step = np.where(part < LEEWAY, -1.0, np.where(part > 1 - LEEWAY, 1.0, 0.0))
        near = step != 0
        moved = values[near].copy()
        moved[:, axis] = np.floor(moved[:, axis]) + step[near] + 0.5
        values, which = np.concatenate([values, moved]), np.concatenate([which, which[near]])
    return packed(values), rows[which]
