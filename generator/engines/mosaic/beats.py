"""Beat tracking: onset strength, tempo by autocorrelation, the best chain of beats (Ellis 2007).

At the end each beat moves to the nearest strong percussive attack.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic.attacks import snap
from generator.engines.mosaic.constants import HOP, PRE_ROLL
from generator.engines.mosaic.phrases import FIXED, lattice
from generator.engines.mosaic.spectra import FRAME_ZERO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Frames = NDArray[np.int64]

SLOWEST, FASTEST = 50, 210
"""Range of tempi that the tracker considers, in beats a minute."""
FAVOURED = 110.0
"""Centre of the tempo prior in beats a minute: the tempo at which listeners prefer to tap."""
PRIOR_OCTAVES = 0.9
TIGHTNESS = 100.0
CONFIDENT = 0.15
"""Autocorrelation below which a recording counts as having no beat."""
HEARD_EARLY = 485
"""Samples (11 ms) by which a window responds to an attack before its centre reaches it."""


@dataclass(frozen=True)
class Beats:
    """The beats of a recording.

    Args:
        frames: samples, ascending.
        period: samples between beats (the median).
        confidence: autocorrelation at the beat's lag, 0..1.
        tracked: false if `frames` is the lattice of `phrases`.
    """

    frames: Frames
    period: float
    confidence: float
    tracked: bool


def track(harmonic: Floats, percussive: Floats, rises: Floats, samples: int) -> Beats:
    """Find the beats of a recording, or the changes of its harmony where it has no beat.

    Args:
        harmonic, percussive: power of both layers in mel bands per STFT frame, (frames, 24).
        rises: from `attacks.attacks`.
        samples: length of the recording.
    """
    import numpy as np

    strength = onset_strength(harmonic + percussive)
    lag, confidence = tempo_lag(strength)
    if confidence < CONFIDENT:
        return track_nothing(harmonic + percussive, samples, confidence)
    chain = best_chain(strength, lag)
    coarse = np.clip(FRAME_ZERO + HOP * chain + HEARD_EARLY, 0, samples - 1)
    frames = snap(coarse, rises, lag * HOP)
    if len(frames) < 3:
        return track_nothing(harmonic + percussive, samples, confidence)
    return Beats(frames, _period(frames), confidence, tracked=True)


def track_nothing(bands: Floats, samples: int, confidence: float) -> Beats:
    """The lattice of phrases, for speech, effects and music without a beat."""
    starts = lattice(bands, samples, PRE_ROLL)
    return Beats(starts, float(FIXED), confidence, tracked=False)


def _period(frames: Frames) -> float:
    """Samples between beats: a median over half the recording, which ignores single errors."""
    import numpy as np

    half = len(frames) // 2
    return float(np.median(frames[half:] - frames[: len(frames) - half])) / half


def onset_strength(bands: Floats) -> Floats:
    """Mean rise of the log spectrum over bands, minus its slow part; unit deviation, (frames,)."""
    import numpy as np
    from scipy.ndimage import uniform_filter1d

    level = 10 * np.log10(bands + 1e-6 * np.max(bands, initial=1e-12))
    rise = np.maximum(0, level[2:] - level[:-2]).mean(axis=1)
    padded = np.concatenate([[0.0], rise, [0.0]])
    flat = np.maximum(0, padded - uniform_filter1d(padded, 87))
    return np.rint(flat / max(float(np.std(flat)), 1e-9) * 10_000) / 10_000


def tempo_lag(strength: Floats) -> tuple[float, float]:
    """Frames between beats (with a fraction), and the autocorrelation at that lag, 0..1."""
    import numpy as np
    from scipy.signal import fftconvolve

    centred = strength - strength.mean()
    longest = 60 * RATE // HOP // SLOWEST
    correlation = fftconvolve(centred, centred[::-1])[len(centred) - 1 :]
    correlation = np.pad(correlation, (0, max(0, 2 * longest + 3 - len(correlation))))
    correlation = correlation / max(float(correlation[0]), 1e-12)
    lags = np.arange(60 * RATE // HOP // FASTEST, longest + 1)
    octaves = np.log2(60 * RATE / HOP / lags / FAVOURED) / PRIOR_OCTAVES
    doubled = np.maximum(correlation[2 * lags], correlation[2 * lags + 1])
    doubled = np.maximum(doubled, correlation[2 * lags - 1])
    score = np.exp(-0.5 * np.square(octaves)) * (correlation[lags] + 0.5 * doubled)
    best = int(lags[np.argmax(np.rint(score * 1e9))])
    return best + _vertex(correlation[best - 1 : best + 2]), float(correlation[best])


def _vertex(three: Floats) -> float:
    """Position of the peak of the parabola through three equidistant values, -0.5..0.5."""
    bend = three[0] - 2 * three[1] + three[2]
    return 0.0 if bend >= 0 else float(min(0.5, max(-0.5, (three[0] - three[2]) / (2 * bend))))


def best_chain(strength: Floats, lag: float) -> Frames:
    """Frames of the chain of beats with large strengths and distances near `lag`."""
    import numpy as np

    local = _smoothed(strength, lag)
    distances = np.arange(math.floor(lag / 2), math.ceil(lag * 2) + 1)
    penalty = -TIGHTNESS * np.square(np.log(distances / lag))
    total, previous = local.copy(), np.full(len(local), -1)
    for frame in range(int(distances[0]), len(local)):
        usable = distances[distances <= frame]
        chain = penalty[: len(usable)] + total[frame - usable]
        best = int(np.argmax(chain))
        if chain[best] > 0:
            total[frame] += chain[best]
            previous[frame] = frame - usable[best]
    return _walk_back(total, previous, lag)


def _smoothed(strength: Floats, lag: float) -> Floats:
    import numpy as np

    offsets = np.arange(-round(lag), round(lag) + 1)
    shape = np.exp(-0.5 * np.square(offsets * 32 / lag))
    return np.rint(np.convolve(strength, shape, mode="same") * 1e6) / 1e6


def _walk_back(total: Floats, previous: Frames, lag: float) -> Frames:
    import numpy as np

    tail = max(0, len(total) - math.ceil(lag))
    frame = tail + int(np.argmax(total[tail:]))
    chain = [frame]
    while previous[frame] >= 0:
        frame = int(previous[frame])
        chain.append(frame)
    return np.array(chain[::-1], dtype=np.int64)
