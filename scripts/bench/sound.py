"""Measures the sound of tracks from a folder of audio: `python -m scripts.bench.sound [FOLDER]`.

Without a folder it synthesises and uses the demo catalogue. The mosaic engine makes tracks of 30 s
from three files each. The meters are not the engine's own: pyloudnorm, and scipy's resampling by
eight.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.attribution.trace import MILLION, Trace
from generator.audio.decode import RATE
from generator.engines.base import Source
from generator.engines.mosaic import Mosaic, quality
from generator.engines.mosaic.cache import Store
from generator.engines.mosaic.quota import largest_remainder
from scripts.bench.figures import Figure, show, write

ENDINGS = {".wav", ".flac", ".mp3", ".ogg"}
LENGTH = 30
SHARES = (5, 3, 2)


def sources_in(folder: Path) -> list[Source]:
    """The audio files of a folder, numbered by file name."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    pairs = zip(digests, paths, strict=True)
    return [Source(number, digest, path) for number, (digest, path) in enumerate(pairs, 1)]


def catalogue(folder: Path) -> Path:
    """Write the songs of the demo catalogue into a folder."""
    from scripts.songs import render_catalogue

    render_catalogue(folder)
    return folder


def sets_of(sources: Sequence[Source]) -> list[list[Source]]:
    """Every three consecutive files, in a circle; all files if there are fewer than three."""
    size = min(3, len(sources))
    starts = range(len(sources)) if len(sources) > size else range(1)
    picked = [[(start + step) % len(sources) for step in range(size)] for start in starts]
    return [[sources[index] for index in sorted(indices)] for indices in picked]


def realised_miss(trace: Trace) -> float:
    """Total variation between the requested weights and the audible frames."""
    frames = [0] * len(trace.prior)
    for component, count in zip(trace.draws, trace.frames_drawn, strict=True):
        frames[component] += count
    total = sum(frames) or 1
    pairs = zip(frames, trace.prior, strict=True)
    return sum(abs(count / total - asked / MILLION) for count, asked in pairs) / 2


def measure(engine: Mosaic, store: Store, sources: Sequence[Source], seed: int) -> dict[str, Any]:
    """Make one track and measure it."""
    import numpy as np
    import pyloudnorm
    from scipy.signal import resample_poly

    weights = largest_remainder(SHARES[: len(sources)], MILLION)
    made = engine.generate(sources, weights, seed, LENGTH)
    track = made.track / 32768
    layers = {number: store.layers(source.audio) for number, source in enumerate(sources, 1)}
    keys = [engine.analyse(source).record["key"] for source in sources]
    shifts = [reference.shift for reference in made.trace.references]
    return {
        "joins": quality.join_ratios(made.trace, layers),
        "attacks": quality.attack_report(made.trace, layers),
        "natural": [natural(engine, store, source) for source in sources],
        "miss": realised_miss(made.trace),
        "moved": quality.key_agreement(keys, shifts, weights) / MILLION,
        "unmoved": quality.key_agreement(keys, [0] * len(keys), weights) / MILLION,
        "lufs": pyloudnorm.Meter(44_100).integrated_loudness(track),
        "peak": 20 * np.log10(np.max(np.abs(resample_poly(track, 8, 1, axis=0)))),
    }


def natural(engine: Mosaic, store: Store, source: Source) -> quality.Attacks:
    """A reference's attacks around its own beats, in its second minute or in all of it."""
    import numpy as np

    starts = np.array(engine.analyse(source).record["levels"]["1"]["starts"])
    layer = store.layers(source.audio)[1]
    first = 60 * RATE if len(layer) > 120 * RATE else 0
    inside = starts[(starts > first) & (starts < first + 60 * RATE)] - first
    return quality.attacks_at(np.asarray(layer[first : first + 60 * RATE]), inside[1:].tolist())


def figures(found: Sequence[dict[str, Any]]) -> list[Figure]:
    """Figures over all tracks, with their goals."""
    joins = sorted(ratio for track in found for ratio in track["joins"])
    ours = _shares([track["attacks"] for track in found])
    own = _shares([report for track in found for report in track["natural"]])
    moved, unmoved = (sum(track[name] for track in found) / len(found) for name in KEYS)
    off = max(abs(track["lufs"] + 14) for track in found)
    peak = max(float(track["peak"]) for track in found)
    miss = max(track["miss"] for track in found)
    return [
        Figure("joins rougher than twice their sources", sum(r > 2 for r in joins), 0, True),
        Figure("roughest join / its sources", joins[-1] if joins else 0.0, 2, True),
        Figure("double attacks, % (peer: references)", ours[0], 12, True, own[0]),
        Figure("attacks on the grid, % (peer: references)", ours[1], 85, False, own[1]),
        Figure("agreement of keys (peer: unmoved)", moved, unmoved, False, unmoved),
        Figure("farthest from -14 LUFS, LU", off, 0.3, True),
        Figure("highest true peak, dBTP", peak, -1, True),
        Figure("realised from asked, total variation", miss, 0.05, True),
    ]


def _shares(reports: Sequence[quality.Attacks]) -> tuple[float, float]:
    """Double attacks and attacks on the grid, in per cent of the beats with an attack."""
    beats = max(1, sum(report.beats for report in reports))
    double = sum(report.double for report in reports)
    return 100 * double / beats, 100 * sum(report.on_grid for report in reports) / beats


KEYS = ("moved", "unmoved")


def main(words: Sequence[str] | None = None) -> int:
    """Measure a folder; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path, help="keep analyses here")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as scratch:
        cache = given.cache or Path(scratch)
        engine, store = Mosaic(cache), Store(cache)
        sets = sets_of(sources_in(given.folder or catalogue(Path(scratch, "songs"))))
        found = [measure(engine, store, chosen, seed) for seed, chosen in enumerate(sets, 1)]
    measured = figures(found)
    print(f"{len(found)} tracks of {LENGTH} s, {sum(len(t['joins']) for t in found)} joins")
    show(measured)
    write(measured, given.json)
    return 0 if all(figure.holds for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
