"""From a decoded file to stereo at 44,100 Hz without rumble: sections 1 to 3 of docs/mosaic.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.audio import RATE, AudioError, Decoded

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
"""Hz; below it is no music, only offset and rumble that would take the energy."""
MOST_KERNEL = 1 << 23
"""Coefficients of the polyphase kernel; only odd ratios of rates ask for more."""

_PIECE = 1 << 17


def constants() -> dict[str, Any]:
    """What a trace says of these steps."""
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
    """Two channels out of one to eight.

    **Shape** in (frames, channels), out (frames, 2). One channel is used twice; from three on, the
    mean of the third and later channels is mixed into both halves.
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
        (ceil(frames * to / rate), channels). Worked off in pieces, so memory stays bounded; a piece
        overlaps its neighbours by the kernel's width, so the result is the same as in one go.

    Raises:
        AudioError: the rates have no small ratio (such as 44,101 to 44,100).
    """
    import numpy as np

    if rate == to:
        return samples
    common = math.gcd(rate, to)
    old, new = rate // common, to // common
    overlap = _overlap(old, new) * old
    if new * (2 * overlap + old) > MOST_KERNEL:
        detail = f"no small ratio to {to} frames a second; resample the file first"
        raise AudioError(detail, field="audio.rate", value=rate)
    step = old * -(-_PIECE // old)
    pieces = [
        _piece(samples, start, step, overlap, old, new) for start in range(0, len(samples), step)
    ]
    return np.concatenate(pieces)[: -(-len(samples) * new // old)]


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
    """Second-order Butterworth high-pass at 25 Hz, causal, from rest.

    **Shape** in and out (frames, channels) at 44,100 Hz.
    """
    from scipy.signal import lfilter

    warped = math.tan(math.pi * HIGHPASS / RATE)
    scale = 1 + math.sqrt(2) * warped + warped * warped
    ahead = [1 / scale, -2 / scale, 1 / scale]
    back = [1, 2 * (warped * warped - 1) / scale, (1 - math.sqrt(2) * warped + warped**2) / scale]
    return lfilter(ahead, back, samples, axis=0)


def prepare(decoded: Decoded) -> Samples:
    """Stereo at 44,100 Hz, high-passed: what layers are separated from.

    Raises:
        AudioError: nothing is left above 25 Hz (a direct current is silence), or an odd rate.
    """
    import numpy as np

    samples = highpass(resample(stereo(decoded.samples), decoded.rate))
    power = float(np.mean(np.square(samples)))
    if power < 1e-8:
        raise AudioError("silent above 25 Hz", field="audio.power", value=f"{power:.3e}")
    return samples
