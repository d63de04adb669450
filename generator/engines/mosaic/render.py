"""Renders an edit list and layers to samples: sections 5 and 6 of docs/formats/mosaic.md.

In float64, element by element, in the order of the edit list: a pure function with the same result
on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.attribution.trace import LAYERS, UNITY, Edit
from generator.engines.mosaic.constants import FADE_BITS
from generator.engines.mosaic.resampler import grain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Layers = Mapping[int, NDArray[np.int32]]
    """Component -> (2, frames, 2) int32 layers, harmonic first."""
    Samples = NDArray[np.float64]
    Piece = tuple[Edit, Samples]

FULL_SCALE = 32_768


def pieces(edits: Iterable[Edit], layers: Layers) -> Iterator[Piece]:
    """Each edit with its samples after fades and gain, float64 of shape (length, 2)."""
    for edit in edits:
        layer = layers[edit.component][LAYERS.index(edit.layer)]
        samples = grain(layer, edit.source, edit.length, edit.step)
        samples *= fades(edit.length, edit.fade_in, edit.fade_out)[:, None]
        samples *= edit.gain / UNITY
        yield edit, samples


def mix(laid: Iterable[Piece], frames: int) -> Samples:
    """The sum of all pieces, (frames, 2), before mastering."""
    import numpy as np

    track = np.zeros((frames, 2))
    for edit, samples in laid:
        track[edit.start : edit.start + edit.length] += samples
    return track


def master(track: Samples, gain: int, envelope: Sequence[tuple[int, int]]) -> NDArray[np.int16]:
    """Apply the gain and the limiter's envelope, and round to 16 bits."""
    import numpy as np

    levelled = track * (gain / UNITY) * curve(envelope, len(track))[:, None]
    rounded = np.rint(levelled * FULL_SCALE)
    return np.clip(rounded, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def curve(envelope: Sequence[tuple[int, int]], frames: int) -> Samples:
    """The envelope at every frame, (frames,), 1.0 is unity."""
    import numpy as np

    at = [frame for frame, _ in envelope]
    values = [value for _, value in envelope]
    return np.interp(np.arange(frames), at, values) / UNITY


@lru_cache(maxsize=64)
def fades(length: int, fade_in: int, fade_out: int) -> Samples:
    """`ramp` at both ends, 1 between; (length,)."""
    import numpy as np

    shape = np.ones(length)
    if fade_in:
        shape[:fade_in] = ramp(fade_in)
    if fade_out:
        shape[length - fade_out :] *= ramp(fade_out)[::-1]
    return shape


@lru_cache(maxsize=16)
def ramp(frames: int) -> Samples:
    """sin^1.5 from 0 to 1 at half frames, rounded to 2^-24 so that every math library agrees.

    It lies between sin, which keeps the level of sounds that have nothing in common, and sin^2,
    which keeps that of equal ones: aligned harmonic grains correlate by about a half.
    """
    import numpy as np

    angle = (np.arange(frames) + 0.5) / frames * (np.pi / 2)
    sine = np.sin(angle)
    return np.rint(sine * np.sqrt(sine) * 2**FADE_BITS) / 2**FADE_BITS
