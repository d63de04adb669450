"""Numbers on which a render depends; changing any of them needs a new engine version."""

from __future__ import annotations

from typing import Any

from generator.audio.resample import constants as decoding
from oracle.domain import tempi

WINDOW = 2048
"""Samples of an STFT window (periodic Hann)."""
HOP = 512
BINS = WINDOW // 2 + 1
WINDOW_SQUARES = 1.5
"""The sum of the squared windows at every sample; WINDOW / HOP = 4 windows overlap."""
LEAD = WINDOW - HOP
"""Frame m begins LEAD samples before sample HOP * m, so each sample lies in four frames."""
MEDIAN_FRAMES = 17
MEDIAN_BINS = 31
FLOOR = 1e-20
"""Added to medians of power, so that the mask of silence is defined (one half)."""
LAYER_BITS = 23
"""Layers are integers in units of 2^-23, which discards the last bits of an FFT."""

TAPS = 32
PHASES = 1024
KERNEL_BITS = 22
KAISER_BETA = 6
CUTOFF = 90
"""Of the resampler's kernel, in hundredths of the lower Nyquist frequency."""
STEPS = {-3: 861, **tempi.STEPS, 3: 1218}
"""Source phases per output frame: round(1024 * 2^(n/12)), within 0.9 cent."""

FADE_HALVES = 3
"""A fade is a quarter of a sine to the power of so many halves."""
FADE_BITS = 24
PRE_ROLL = 441
"""Samples (10 ms) from the start of a grain to its beat, in source and output."""


def separation() -> dict[str, Any]:
    """The constants as every trace holds them, integers only."""
    return {
        **decoding(),
        "window": WINDOW,
        "hop": HOP,
        "median_frames": MEDIAN_FRAMES,
        "median_bins": MEDIAN_BINS,
        "layer_bits": LAYER_BITS,
        "resampler": {
            "taps": TAPS,
            "phases": PHASES,
            "kernel_bits": KERNEL_BITS,
            "kaiser_beta": KAISER_BETA,
            "cutoff_hundredths": CUTOFF,
        },
        "fade_halves": FADE_HALVES,
        "fade_bits": FADE_BITS,
    }
