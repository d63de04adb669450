"""A picture of a generation: which recording sounds when, and the spectrogram of the track.

Each recording has a lane, with the harmonic layer above the percussive one, and shows its requested
and its realised share. Vertical lines mark the bars. The colours, by Okabe and Ito and by Paul Tol,
are safe for colour-blind readers, and the lanes can be read without colour.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from oracle.domain.text import plain

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#332288",
                  "#999933", "#882255", "#44AA99", "#7F7F7F", "#B8A000")
NOBODY: Final = "#4D4D4D"
INK, FAINT, PAPER = "#1A1A1A", "#6B6B6B", "#FFFFFF"
WIDTH, DPI = 1_600, 100
LEFT, RIGHT, TOP, BOTTOM = 262, 214, 108, 58
LANE, GAP, SPECTROGRAM = 46, 16, 300
LAYERS: Final = {"harmonic": (0.08, 0.47, 1.0), "percussive": (0.55, 0.34, 0.6)}
"""Top and height (in lanes) and opacity of the bars of a layer."""
LOWEST, HIGHEST, BANDS, RANGE = 40.0, 16_000.0, 256, 62.0
BEATS_A_BAR: Final = 4
LONGEST: Final = 24
"""The most characters of a title that fit beside a lane."""
MARKS: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Labelled frequencies of the spectrogram, Hz."""


@dataclass
class Lane:
    """One recording: title, colour, requested and realised share (0..1), and by layer the spans in
    which it sounds, as (start, length) in frames."""

    title: str
    colour: str
    asked: float
    realised: float
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


def realised_shares(trace: Mapping[str, Any]) -> list[float]:
    """The share (0..1) of each component in the audible frames; component 0 is no reference."""
    scores = [0] * len(trace["prior"])
    for component, frames in zip(trace["draws"], trace["frames_drawn"], strict=True):
        scores[component] += frames
    total = sum(scores)
    return [score / total if total else 0.0 for score in scores]


def lanes_of(trace: Mapping[str, Any], names: Mapping[int, str]) -> list[Lane]:
    """The lanes from top to bottom; the last one is for sound without a reference, if any."""
    shares = realised_shares(trace)
    asked = [weight / 1_000_000 for weight in trace["prior"]]
    lanes = {}
    for index, reference in enumerate(trace["references"], 1):
        title = plain(names.get(reference["recording"], f"recording {reference['recording']}"))
        colour = PALETTE[(index - 1) % len(PALETTE)]
        lanes[index] = Lane(title, colour, asked[index], shares[index])
    if asked[0] or shares[0] or any(edit["component"] == 0 for edit in trace["edits"]):
        lanes[0] = Lane("no reference", NOBODY, asked[0], shares[0])
    for edit in trace["edits"]:
        if edit["gain"]:
            spans = lanes[edit["component"]].spans.setdefault(edit["layer"], [])
            spans.append((edit["start"], edit["length"]))
    return list(lanes.values())


def spectrogram(mono: Floats, rate: int, columns: int) -> Floats:
    """Levels in dB relative to the loudest, 0 to -RANGE: shape (BANDS, columns), low to high."""
    import numpy as np

    size = 4_096
    padded = np.pad(mono, (size // 2, size))
    starts = np.linspace(0, max(0, len(mono) - 1), columns).astype(int)
    edges = np.geomspace(LOWEST, min(HIGHEST, rate / 2), BANDS + 1) / rate * size
    levels = np.empty((BANDS, columns))
    for column, start in enumerate(starts):
        power = np.abs(np.fft.rfft(padded[start : start + size] * np.hanning(size))) ** 2
        below = np.concatenate([[0.0], np.cumsum(power)])
        sums = np.diff(np.interp(edges + 0.5, np.arange(len(below)), below))
        levels[:, column] = sums / np.diff(edges) * edges[1:]  # pink noise then has one colour
    peak = max(float(levels.max()), 1e-12)
    return np.maximum(10 * np.log10(levels / peak + 1e-12), -RANGE)


def _read(track: Path, trace: Mapping[str, Any]) -> tuple[Floats, int]:
    import numpy as np
    import soundfile

    sound, rate = soundfile.read(track, always_2d=True)
    if (len(sound), rate) != (trace["frames"], trace["rate"]):
        raise ValueError(f"the trace has {trace['frames']} frames at {trace['rate']} Hz, "
                         f"the track has {len(sound)} at {rate}")
    return np.asarray(sound.mean(axis=1)), rate


def _panel(page: Figure, top: int, height: int) -> Axes:
    tall = page.get_figheight() * DPI
    box = (LEFT / WIDTH, 1 - (top + height) / tall, (WIDTH - LEFT - RIGHT) / WIDTH, height / tall)
    axes = page.add_axes(box)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=FAINT, labelsize=10)
    return axes


def _bars(trace: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    """Number and start in seconds of every bar of the track; none without a beat."""
    bar = 60 * BEATS_A_BAR / trace["bpm"] if trace["bpm"] else 0.0
    number, seconds = 0, trace["frames"] / trace["rate"]
    while bar and number * bar < seconds:
        yield number + 1, number * bar
        number += 1


def _draw_bars(above: Axes, below: Axes, trace: Mapping[str, Any]) -> None:
    bars = list(_bars(trace))
    if not bars:
        return
    every = next(step for step in (1, 2, 4, 8, 16, 32, 64) if len(bars) / step <= 24)
    for number, time in bars:
        strong = (number - 1) % every == 0
        above.axvline(time, color="#C4C4C4" if strong else "#E6E6E6", lw=0.9, zorder=0)
        below.axvline(time, color="white", lw=0.8, alpha=0.5 if strong else 0.25)
        if strong:
            above.text(time, -0.1, f"{number}", color=FAINT, fontsize=10, ha="center", va="bottom")
    above.text(-0.012, -0.1, "bar", color=FAINT, fontsize=10, ha="right", va="bottom",
               transform=above.get_yaxis_transform())


def _draw_lane(axes: Axes, row: int, lane: Lane, rate: int) -> None:
    if row % 2 == 0:
        axes.axhspan(row, row + 1, color="#F5F5F3", zorder=-1)
    for layer, spans in lane.spans.items():
        top, height, opacity = LAYERS[layer]
        bars = [(start / rate, length / rate) for start, length in spans]
        axes.broken_barh(bars, (row + top, height), facecolor=lane.colour, alpha=opacity,
                         edgecolor=PAPER, linewidth=0.4, hatch="" if opacity == 1 else "////")
    label = lane.title if len(lane.title) <= LONGEST else lane.title[:LONGEST - 1].rstrip() + "…"
    axes.text(-0.012, row + 0.5, label, color=INK, fontsize=12, ha="right", va="center",
              transform=axes.get_yaxis_transform(), parse_math=False)


def _draw_legend(axes: Axes, lanes: list[Lane]) -> None:
    aside = axes.get_yaxis_transform()
    for x, heading in ((1.094, "asked"), (1.166, "realised")):
        axes.text(x, -0.1, heading, color=FAINT, fontsize=10, ha="right", va="bottom",
                  transform=aside)
    for row, lane in enumerate(lanes):
        axes.plot([1.022], [row + 0.5], marker="s", ms=11, color=lane.colour, clip_on=False,
                  transform=aside)
        for x, share, weight in ((1.094, lane.asked, "normal"), (1.166, lane.realised, "bold")):
            axes.text(x, row + 0.5, f"{share:.1%}".replace("%", " %"), color=INK, fontsize=12,
                      ha="right", va="center", transform=aside, fontweight=weight)


def _draw_layer_key(page: Figure, tall: int) -> None:
    from matplotlib.patches import Patch

    entries = [
        Patch(facecolor=FAINT, alpha=opacity, edgecolor=PAPER, label=f"{layer} layer",
              hatch="" if opacity == 1 else "////")
        for layer, (_, _, opacity) in LAYERS.items()
    ]
    page.legend(handles=entries, loc="upper right", ncols=2, frameon=False, fontsize=11,
                bbox_to_anchor=(1 - RIGHT / WIDTH, 1 - 46 / tall), labelcolor=INK,
                borderaxespad=0, borderpad=0, handlelength=1.6, columnspacing=1.6)


def _draw_heading(page: Figure, trace: Mapping[str, Any], tall: int) -> None:
    seconds = trace["frames"] / trace["rate"]
    engine = f"{trace['engine']['name']} {trace['engine']['version']}"
    page.text(LEFT / WIDTH, 1 - 16 / tall, "Who sounds when", fontsize=17, fontweight="bold",
              color=INK, va="top")
    tempo = f"at {trace['bpm']} bpm" if trace["bpm"] else "without a beat"
    facts = f"{seconds:.1f} s {tempo}, {len(trace['draws'])} units, {engine}"
    page.text(LEFT / WIDTH, 1 - 48 / tall, facts, fontsize=11, color=FAINT, va="top")


def _draw_spectrogram(axes: Axes, mono: Floats, rate: int) -> None:
    import numpy as np

    seconds = len(mono) / rate
    levels = spectrogram(mono, rate, WIDTH - LEFT - RIGHT)
    high = float(np.log10(min(HIGHEST, rate / 2)))
    axes.imshow(levels, origin="lower", aspect="auto", cmap="magma", vmin=-RANGE, vmax=0,
                extent=(0, seconds, float(np.log10(LOWEST)), high))
    marks = [hertz for hertz in MARKS if hertz < rate / 2]
    names = [f"{hertz} Hz" if hertz < 1_000 else f"{hertz // 1_000} kHz" for hertz in marks]
    axes.set_yticks(np.log10(marks), names)
    axes.set_xlabel("seconds", color=FAINT, fontsize=11, labelpad=6)


def _page(lanes: list[Lane], mono: Floats, trace: Mapping[str, Any]) -> Figure:
    from matplotlib.figure import Figure

    rows = LANE * max(1, len(lanes))
    tall = TOP + rows + GAP + SPECTROGRAM + BOTTOM
    page = Figure(figsize=(WIDTH / DPI, tall / DPI), dpi=DPI, facecolor=PAPER)
    above = _panel(page, TOP, rows)
    below = _panel(page, TOP + rows + GAP, SPECTROGRAM)
    _draw_spectrogram(below, mono, trace["rate"])
    for row, lane in enumerate(lanes):
        _draw_lane(above, row, lane, trace["rate"])
    _draw_legend(above, lanes)
    _draw_bars(above, below, trace)
    above.set(xlim=(0, trace["frames"] / trace["rate"]), ylim=(max(1, len(lanes)), 0))
    above.set_xticks([])
    above.set_yticks([])
    _draw_heading(page, trace, tall)
    _draw_layer_key(page, tall)
    return page


def draw(
    track_wav: Path, trace: Mapping[str, Any], names: Mapping[int, str], out_png: Path
) -> None:
    """Draws the timeline of a generation, 1,600 pixels wide.

    Args:
        track_wav: the track of the trace.
        trace: the trace of the engine, parsed from JSON.
        names: titles by recording id; without a title the id is shown.
        out_png: the file to write.

    Raises:
        ValueError: length or rate of the track differ from the trace.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    mono, _ = _read(track_wav, trace)
    style: Any = {"font.family": "DejaVu Sans", "hatch.linewidth": 0.7, "hatch.color": PAPER}
    with rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        page = _page(lanes_of(trace, names), mono, trace)
        FigureCanvasAgg(page).print_png(out_png, metadata={"Software": None})
