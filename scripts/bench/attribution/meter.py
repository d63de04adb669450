"""How much of a track's sound each stem is, by pyloudnorm: what changes when the stem is left out.

Loudness of every 400 ms is measured alone, because the gate of an integrated loudness would skip
the silence that a stem leaves behind.
"""

from __future__ import annotations

from typing import Any

RATE = 44_100
BLOCK = 4 * RATE // 10
"""Frames of one measurement."""
DOUBLES = 10.0
"""LU by which a sound must rise to be heard as twice as loud (Stevens 1955; ISO 532)."""


def momentary(sound: Any) -> Any:
    """LUFS of each whole 400 ms of (frames, 2), -inf for silence."""
    import warnings

    import numpy as np
    import pyloudnorm

    meter = pyloudnorm.Meter(RATE)
    starts = range(0, len(sound) - BLOCK + 1, BLOCK)
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.simplefilter("ignore")
        return np.array([meter.integrated_loudness(sound[at : at + BLOCK]) for at in starts])


def below(laid: Any, hertz: int) -> Any:
    """The stems, (k, frames, 2), without all that lies above a frequency."""
    import numpy as np

    spectra = np.fft.rfft(laid, axis=1)
    spectra[:, hertz * laid.shape[1] // RATE :] = 0
    return np.fft.irfft(spectra, laid.shape[1], axis=1)


def left_out(laid: Any) -> dict[str, Any]:
    """Shares of the stems by what is lost without each, (k,), sum 1.

    Args:
        laid: (k, frames, 2) stems of a mastered track.

    Returns:
        ``energy``: K-weighted energy lost. ``loudness``: loudness lost, which doubles every 10 LU.
    """
    import numpy as np

    whole = laid.sum(axis=0)
    levels = [momentary(whole), *(momentary(whole - stem) for stem in laid)]
    found = {}
    for name, scale in (("energy", 10 / np.log2(10)), ("loudness", DOUBLES)):
        total, *without = (float(np.sum(2.0 ** (level / scale))) for level in levels)
        lost = np.maximum(0.0, total - np.array(without))
        found[name] = lost / lost.sum()
    return found


def variation(one: Any, other: Any) -> float:
    """Total variation of two lists of shares."""
    import numpy as np

    return float(np.abs(np.asarray(one) - np.asarray(other)).sum() / 2)
