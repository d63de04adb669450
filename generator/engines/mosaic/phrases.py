"""Phrases of recordings without a beat: where sound begins after a pause, or changes most.

Speech, effects and slow music have no beat that a grid could follow. Their grains are cut from the
beginnings of phrases on, and play on without a cut inside a phrase.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic.analysis_record import Level
from generator.engines.mosaic.attacks import SHY
from generator.engines.mosaic.constants import HOP
from generator.engines.mosaic.spectra import FRAME_ZERO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

FIXED = RATE // 2
"""Samples between grains inside a phrase."""
FEWEST = 8
"""Grains without which a recording is not divided into phrases."""
SECOND = RATE // HOP
"""STFT frames of a second."""
QUIET = 30.0
"""Decibels below the loud frames (the 90th percentile) at which a pause begins."""
PAUSE = 15 * SECOND // 100
"""Frames (150 ms) of the shortest pause between two phrases."""
SHORTEST, LONGEST = SECOND, 8 * SECOND
"""Frames of a phrase: a shorter one is joined to the one before, a longer one is cut."""
SPAN = SECOND // 2
"""Frames before and after a place that are compared to find a change."""


def lattice(bands: Floats, samples: int, first: int) -> Integers:
    """Starts of the grains of a recording without a beat, samples, ascending.

    Inside a phrase they lie half a second apart. The last grain of a phrase takes the rest, so that
    it is longer than the others: that is how `beginnings` finds the phrases again.

    Args:
        bands: power of the whole signal in mel bands per STFT frame, (frames, 24).
        samples: length of the recording.
        first: the earliest start.
    """
    import numpy as np

    found = phrases(bands, samples) if samples > FEWEST * FIXED else []
    cuts = [first, *(cut for cut in found if cut >= first + FIXED)]
    starts: list[int] = []
    for cut, following in zip(cuts, [*cuts[1:], samples + FIXED], strict=True):
        count = max(1, (following - cut - 1) // FIXED)
        starts += [cut + FIXED * number for number in range(count)]
    return np.array([start for start in starts if start < samples], dtype=np.int64)


def beginnings(starts: Integers) -> NDArray[np.bool_]:
    """For each grain of a lattice, whether it begins a phrase, (len(starts) - 1,)."""
    import numpy as np

    after_long = np.diff(starts)[:-1] > FIXED
    return np.concatenate([[True], after_long])


def fitted(level: Level, beat: int) -> tuple[Level, NDArray[np.bool_]]:
    """The grains of a lattice at another distance, and whether each begins a phrase.

    Every phrase begins where it began; a grain has the features of the grain at its place. So a
    phrase plays on without a cut at any tempo.

    Args:
        level: grains of a recording without a beat, half a second apart.
        beat: samples between the grains that are wanted.
    """
    import numpy as np

    first = np.flatnonzero(beginnings(level.starts))
    cuts = [*level.starts[first].tolist(), int(level.starts[-1])]
    quiet = [*level.ends[first[1:] - 1].tolist(), int(level.ends[-1])]
    starts, ends, opens = [], [], []
    for cut, following, end in zip(cuts, cuts[1:], quiet, strict=False):
        count = max(1, (following - cut) // beat)
        starts += [cut + beat * number for number in range(count)]
        ends += [cut + beat * number - SHY for number in range(1, count)] + [end]
        opens += [True] + [False] * (count - 1)
    bounds = np.array([*starts, cuts[-1]], dtype=np.int64)
    place = np.searchsorted(level.starts, bounds[:-1], side="right") - 1
    grains = replace(_taken(level, place), starts=bounds, ends=np.array(ends), phase=0)
    return grains, np.array(opens, dtype=np.bool_)


def _taken(level: Level, place: Integers) -> Level:
    """A level whose grains have the features of the grains at some places; starts are kept."""
    count, found = len(level.starts) - 1, {}
    for each in fields(level):
        value = getattr(level, each.name)
        if each.name not in ("starts", "ends", "phase"):
            by_layer = value.ndim == 2 and value.shape == (2, count)
            found[each.name] = value[:, place] if by_layer else value[place]
    return replace(level, **found)


def phrases(bands: Floats, samples: int) -> list[int]:
    """Samples at which phrases begin, ascending; the beginning of the recording is not among them.

    A phrase begins where sound begins after a pause. Where there is no pause for eight seconds, it
    begins where the spectrum changes most.
    """
    import numpy as np

    level = 10 * np.log10(bands.sum(axis=1) + 1e-12)
    changes = novelty(bands)
    cuts = [0]
    for onset in [*onsets(level), len(level)]:
        while onset - cuts[-1] > LONGEST:
            low, high = cuts[-1] + 2 * SECOND, min(cuts[-1] + LONGEST, onset - SHORTEST)
            cuts.append(low + int(np.argmax(changes[low:high])))
        if onset - cuts[-1] >= SHORTEST and onset < len(level):
            cuts.append(onset)
    found = (FRAME_ZERO + HOP * cut for cut in cuts[1:])
    return [cut for cut in found if 0 < cut < samples]


def onsets(level: Floats) -> list[int]:
    """Frames at which sound begins after at least 150 ms without; `level` in decibels."""
    import numpy as np

    limit = np.rint(100 * (np.percentile(level, 90) - QUIET)) / 100
    loud = np.flatnonzero(level > limit)
    gaps = np.flatnonzero(np.diff(loud) > PAUSE)
    return [int(frame) for frame in loud[gaps + 1]]


def novelty(bands: Floats) -> Floats:
    """How much the spectrum of the half second after a frame differs from the one before, dB.

    Rounded to hundredths, so that ties are ties on every machine. **Shape** (frames,).
    """
    import numpy as np

    level = 10 * np.log10(bands + 1e-6 * np.max(bands, initial=1e-12))
    sums = np.concatenate([np.zeros((1, level.shape[1])), np.cumsum(level, axis=0)])
    at = np.arange(len(level))
    before, after = np.maximum(at - SPAN, 0), np.minimum(at + SPAN, len(level))
    earlier = (sums[at] - sums[before]) / np.maximum(1, at - before)[:, None]
    later = (sums[after] - sums[at]) / (after - at)[:, None]
    return np.rint(100 * np.abs(later - earlier).mean(axis=1)) / 100
