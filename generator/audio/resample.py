"""Converts audio to stereo at 44,100 Hz without rumble: docs/formats/mosaic.md, sections 1-3."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.audio.decode import RATE, AudioError, Decoded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]
    """float64 of shape (frames, channels)."""

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
    """Resample with torchaudio's windowed sinc in float64.

    Args:
        samples: (frames, channels) at `rate` frames a second.

    Returns:
        (ceil(frames * to / rate), channels). The input is processed in pieces, so memory stays
        bounded. Pieces overlap by the kernel's width, so the result does not depend on them.

    Raises:
        AudioError: the rates have no small ratio (such as 44,101 to 44,100).
    """
    import numpy as np

    if rate == to:
        return samples
    old, new, overlap = require_ratio(rate, to)
    step = old * -(-_PIECE // old)
    pieces = [
        _piece(samples, start, step, overlap, old, new) for start in range(0, len(samples), step)
    ]
    return np.concatenate(pieces)[: -(-len(samples) * new // old)]


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


def _piece(samples: Samples, start: int, step: int, overlap: int, old: int, new: int) -> Samples:
    import torch
    from torchaudio.functional import resample as sinc

    first = max(0, start - overlap)
    part = torch.from_numpy(samples[first : start + step + overlap].T.copy())
    done = sinc(
        part,
        old,
        new,
        lowpass_filter_width=LOWPASS_WIDTH,
        rolloff=ROLLOFF / 100,
        resampling_method="sinc_interp_hann",
    )
    skip = (start - first) * new // old
    return done[:, skip : skip + step * new // old].numpy().T


def highpass(samples: Samples) -> Samples:
    """Second-order Butterworth high-pass at 25 Hz, causal, with zero initial state.

    **Shape** in and out (frames, channels) at 44,100 Hz.
    """
    from scipy.signal import lfilter

    warped = math.tan(math.pi * HIGHPASS / RATE)
    scale = 1 + math.sqrt(2) * warped + warped * warped
    ahead = [1 / scale, -2 / scale, 1 / scale]
    back = [1, 2 * (warped * warped - 1) / scale, (1 - math.sqrt(2) * warped + warped**2) / scale]
    return lfilter(ahead, back, samples, axis=0)


def prepare(decoded: Decoded) -> Samples:
    """Stereo at 44,100 Hz, high-passed: the input of the layer separation.

    Raises:
        AudioError: no signal above 25 Hz (a direct current counts as silence), or a rate without a
            small ratio to 44,100 Hz.
    """
    import numpy as np

    samples = highpass(resample(stereo(decoded.samples), decoded.rate))
    power = float(np.mean(np.square(samples)))
    if power < 1e-8:
        raise AudioError("is silent above 25 Hz", field="audio.power", value=f"{power:.3e}")
    return samples
