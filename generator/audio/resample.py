"""Converts audio to stereo at 44,100 Hz without rumble: docs/formats/mosaic.md, sections 1-3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from generator.audio.decode import RATE, AudioError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]
    """float64 of shape (frames, channels)."""
    Read = Callable[[int, int], Samples]

LOWPASS_WIDTH = 24
"""Zero crossings of the sinc on each side."""
ROLLOFF = 95
"""Cutoff in hundredths of the lower Nyquist frequency."""
HIGHPASS = 25
"""Hz; below it lie only offset and rumble, which would count as energy."""
MOST_KERNEL = 1 << 23
"""The most coefficients of the polyphase kernel; only unusual ratios of rates need more."""

_PIECE = 1 << 17


def constants() -> dict[str, Any]:
    """The constants of these steps, as a trace holds them."""
    return {
        "rate": RATE,
        "resample": {
            "method": "sinc_interp_hann",
            "lowpass_filter_width": LOWPASS_WIDTH,
            "rolloff_hundredths": ROLLOFF,
        },
        "highpass_hertz": HIGHPASS,
    }


def stereo(samples: NDArray[np.float32]) -> Samples:
    """Two channels from one to eight.

    **Shape** in (frames, channels), out (frames, 2). A single channel is used twice. With three or
    more, the mean of the third and later channels is mixed into both halves.
    """
    import numpy as np

    wide = samples.astype(np.float64)
    if wide.shape[1] == 1:
        return np.repeat(wide, 2, axis=1)
    if wide.shape[1] == 2:
        return wide
    rest = wide[:, 2:].mean(axis=1, keepdims=True)
    return (wide[:, :2] + rest) / 2


def resample(samples: Samples, rate: int, to: int = RATE) -> Samples:
    """Resample with a windowed sinc in float64, the one of torchaudio.

    Args:
        samples: (frames, channels) at `rate` frames a second.

    Returns:
        (ceil(frames * to / rate), channels).

    Raises:
        AudioError: the rates have no small ratio (such as 44,101 to 44,100).
    """
    import numpy as np

    if rate == to:
        return samples
    pieces = resampled(lambda first, last: samples[first:last], len(samples), rate, to)
    return np.concatenate([*pieces])


def resampled(read: Read, frames: int, rate: int, to: int = RATE) -> Iterator[Samples]:
    """The samples at another rate, in pieces, so that memory stays bounded.

    Pieces of the input overlap by the kernel's width, so the result does not depend on them.

    Args:
        read: gives frames first..last-1 as (frames, channels), or fewer at the end.
        frames: length of the input.

    Raises:
        AudioError: the rates have no small ratio.
    """
    if rate == to:
        yield from (read(start, start + _PIECE) for start in range(0, frames, _PIECE))
        return
    old, new, overlap = require_ratio(rate, to)
    step, left = old * -(-_PIECE // old), resampled_frames(frames, rate, to)
    for start in range(0, frames, step):
        first = max(0, start - overlap)
        done = _piece(read(first, start + step + overlap), old, new)
        skip = (start - first) * new // old
        piece = done[skip : skip + min(left, step * new // old)]
        left -= len(piece)
        yield piece


def resampled_frames(frames: int, rate: int, to: int = RATE) -> int:
    """Frames after resampling: ceil(frames * to / rate)."""
    return -(-frames * to // rate)


def require_ratio(rate: int, to: int = RATE) -> tuple[int, int, int]:
    """The ratio of two rates in least terms, and the frames by which pieces overlap.

    Raises:
        AudioError: the rates have no small ratio.
    """
    common = math.gcd(rate, to)
    old, new = rate // common, to // common
    overlap = _overlap(old, new) * old
    if new * (2 * overlap + old) > MOST_KERNEL:
        detail = f"no small ratio to {to} frames a second; resample the file first"
        raise AudioError(detail, field="audio.rate", value=rate)
    return old, new, overlap


def _overlap(old: int, new: int) -> int:
    base = min(old, new) * ROLLOFF / 100
    return math.ceil(math.ceil(LOWPASS_WIDTH * old / base) / old) + 1


def _piece(samples: Samples, old: int, new: int) -> Samples:
    """All outputs of a piece, the first at its first sample; zero before and after the piece."""
    from scipy.signal import upfirdn

    kernel, delay = _kernel(old, new)
    count = -(-len(samples) * new // old)
    return upfirdn(kernel, samples, up=new, down=old, axis=0)[delay : delay + count]


@cache
def _kernel(old: int, new: int) -> tuple[Samples, int]:
    """The windowed sinc at steps of 1 / (old new), and the outputs by which its middle is late."""
    import numpy as np

    base = min(old, new) * ROLLOFF / 100
    delay = math.ceil(LOWPASS_WIDTH * new / base)
    away = np.arange(-delay * old, delay * old + 1)
    time = np.clip(away / (old * new) * base, -LOWPASS_WIDTH, LOWPASS_WIDTH)
    window = np.square(np.cos(time * (np.pi / (2 * LOWPASS_WIDTH))))
    return np.sinc(time) * window * (base / old), delay


def highpass(samples: Samples, state: Samples | None = None) -> tuple[Samples, Samples]:
    """Second-order Butterworth high-pass at 25 Hz, causal.

    **Shape** in and out (frames, channels) at 44,100 Hz.

    Args:
        state: what an earlier call returned for the samples before; None at the start, for rest.

    Returns:
        The samples, and the state after them.
    """
    import numpy as np
    from scipy.signal import lfilter

    warped = math.tan(math.pi * HIGHPASS / RATE)
    scale = 1 + math.sqrt(2) * warped + warped * warped
    ahead = [1 / scale, -2 / scale, 1 / scale]
    back = [1, 2 * (warped * warped - 1) / scale, (1 - math.sqrt(2) * warped + warped**2) / scale]
    before = np.zeros((2, samples.shape[1])) if state is None else state
    filtered, after = lfilter(ahead, back, samples, axis=0, zi=before)
    return filtered, after
