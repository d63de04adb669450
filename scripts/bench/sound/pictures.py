"""A small picture of a track: which reference sounds when, the level of its sections, its sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.attribution.trace import LAYERS, UNITY
from generator.engines.base import Generated
from oracle.domain.plan import BAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
"""By Okabe and Ito: safe for colour-blind readers."""
INK = "#1A1A1A"
INCHES, DPI = (6.4, 3.2), 75
WINDOW, HOP, LOWEST = 2048, 1024, 40
SHADES = 48
"""Colours of a picture, so that it is small."""
RANGE = 60.0
"""Decibels between black and white."""


def draw(made: Generated, path: Path) -> None:
    """Write the picture of a track as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from PIL import Image

    heights = {"height_ratios": [len(made.trace.references), 0.8, 2.2]}
    figure, axes = pyplot.subplots(3, sharex=True, figsize=INCHES, dpi=DPI, gridspec_kw=heights)
    _lanes(axes[0], made)
    _levels(axes[1], made)
    _spectrogram(axes[2], made)
    figure.tight_layout(pad=0.3)
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
    Image.open(path).convert("RGB").quantize(SHADES).save(path, optimize=True)


def _lanes(axes: Axes, made: Generated) -> None:
    """A lane for each reference: its harmonic layer above its percussive one."""
    trace = made.trace
    for edit in trace.edits:
        lane = edit.component - 1 + (0.08 if edit.layer == LAYERS[0] else 0.52)
        axes.broken_barh(
            [(edit.start / trace.rate, edit.length / trace.rate)],
            (lane, 0.4),
            color=COLOURS[(edit.component - 1) % len(COLOURS)],
            alpha=1.0 if edit.layer == LAYERS[0] else 0.6,
            linewidth=0,
        )
    axes.set_ylim(len(trace.references), 0)
    axes.set_yticks([lane + 0.5 for lane in range(len(trace.references))])
    axes.set_yticklabels([f"{share // 10_000} %" for share in trace.prior[1:]], fontsize=7)


def _levels(axes: Axes, made: Generated) -> None:
    """The level of each section, with its name."""
    trace = made.trace
    second = BAR * 60 / trace.bpm
    for section in trace.plan:
        start, end = section.bar * second, (section.bar + section.bars) * second
        end = min(end, trace.frames / trace.rate)
        axes.fill_between([start, end], section.level / UNITY, color="#BBBBBB", linewidth=0)
        axes.text((start + end) / 2, 0.1, section.name, ha="center", fontsize=7, color=INK)
        axes.axvline(start, color=INK, linewidth=0.5)
    axes.set_ylim(0, 1.1)
    axes.set_yticks([])
    axes.set_ylabel("level", fontsize=7)


def _spectrogram(axes: Axes, made: Generated) -> None:
    import numpy as np

    rate = made.trace.rate
    mono = made.track.mean(axis=1) / 32_768
    rows = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(rows, axis=1)) ** 2
    level = 10 * np.log10(power.T + 1e-9)
    times, hertz = np.arange(len(rows)) * HOP / rate, np.fft.rfftfreq(WINDOW, 1 / rate)
    top = float(level.max())
    axes.pcolormesh(times, hertz[2:], level[2:], cmap="Greys", vmin=top - RANGE, vmax=top)
    axes.set_yscale("log")
    axes.set_ylim(LOWEST, 16_000)
    axes.set_ylabel("Hz", fontsize=7)
    axes.tick_params(labelsize=7)
