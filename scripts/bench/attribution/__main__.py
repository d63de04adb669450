"""Measures attribution: `python -m scripts.bench.attribution [--catalogue FOLDER] [--json FILE]`.

Without a folder it uses the demo's synthetic songs. Stems are rendered by the audit's renderer and
measured by pyloudnorm, which share no code with the engine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generator.attribution import METHODS
from generator.engines.base import Source
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.cache import Store
from scripts.bench.attribution import decoys, odd
from scripts.bench.attribution.blind import Guess, guess
from scripts.bench.attribution.meter import left_out, variation
from scripts.bench.attribution.stems import difference, stems
from scripts.bench.attribution.tracks import (
    Made,
    composed,
    go_together,
    make,
    playable,
    realised_miss,
)
from scripts.bench.figures import Figure, show, write
from scripts.bench.sound.catalogue import catalogue, sources_in

RULES = ("realised", "audible", "declared")


def mean(values: Sequence[float]) -> float:
    """0 for nothing."""
    return sum(values) / len(values) if values else 0.0


def sound_figures(made: Sequence[Made]) -> list[Figure]:
    """How near each payable vector is to what leaving a stem out changes."""
    off = 0
    near: dict[tuple[str, str], list[float]] = {
        (scale, rule): [] for scale in ("energy", "loudness") for rule in RULES
    }
    for one in made:
        laid = stems(one.trace.to_dict(), [source.path for source in one.asked.sources])
        off = max(off, difference(laid, one.track))
        lost = left_out(laid)
        for scale, rule in near:
            shares = [weight / 1_000_000 for weight in METHODS[rule](one.trace)[1:]]
            near[scale, rule].append(variation(shares, lost[scale]))
    found = [Figure("independent renderer, largest difference", off, 2)]
    for (scale, rule), values in near.items():
        goal = 0.05 if (scale, rule) == ("energy", "audible") else None
        found.append(Figure(f"left-out {scale} to {rule}, mean", mean(values), goal))
        found.append(Figure(f"left-out {scale} to {rule}, max", max(values)))
    return found


def blind_figures(engine: Mosaic, store: Store, made: Sequence[Made]) -> list[Figure]:
    """What can be found from the finished audio alone."""
    guesses: list[Guess] = []
    for one in made:
        records = [engine.analyse(source).record for source in one.asked.sources]
        layers = {n: store.layers(source.audio) for n, source in enumerate(one.asked.sources, 1)}
        guesses.append(guess(one.track, one.trace, records, layers))
    harmonic, percussive = ([one.right[layer] for one in guesses] for layer in (0, 1))
    return [
        Figure("blind, total variation, mean", mean([one.variation for one in guesses]), 0.06),
        Figure("blind, total variation, max", max(one.variation for one in guesses)),
        Figure("blind, right harmonic units", mean(harmonic), 0.97, False),
        Figure("blind, right percussive units", mean(percussive), 0.92, False),
    ]


def vector_figures(engine: Mosaic, sources: Sequence[Source], count: int) -> list[Figure]:
    """The weights, the likelihood vectors and decoys, over compositions without sound."""
    misses, bests, far, decoyed = [], [], [], []
    for asked in playable(engine, sources, count):
        found = composed(engine, asked)
        miss, best = realised_miss(found, asked.weights)
        misses.append(miss)
        bests.append(best)
        far.append(decoys.distances(found, asked.weights, asked.seed))
        strangers = [source for source in sources if source not in asked.sources]
        others = [one for one in strangers if go_together(engine, (*asked.sources, one))]
        if others:
            decoy = others[asked.seed % len(others)]
            decoyed.append(decoys.decoy_shares(engine, asked.sources, asked.weights, decoy, 1))
    shares = {name: [one[name] for one in decoyed if one] for name in decoys.METHODS}
    apart = {name: [one[name] for one in far] for name in decoys.METHODS}
    return [
        Figure("asked to realised, mean (peer: best of whole units)", mean(misses), None, True,
               mean(bests)),
        Figure("asked to realised, max", max(misses), 0.05),
        Figure("responsibility to realised, max", max(apart["responsibility"]), 0.01),
        Figure("bounded Shapley to realised, max", max(apart["shapley"]), 0.03),
        Figure("decoy's responsibility, mean", mean(shares["responsibility"]), 0.002),
        Figure("decoy's responsibility, max", max(shares["responsibility"], default=0.0), 0.01),
        Figure("decoy's Shapley value, mean", mean(shares["shapley"]), 0.002),
        Figure("decoy's Shapley value, max", max(shares["shapley"], default=0.0), 0.005),
    ]  # fmt: skip


def measure(folder: Path, cache: Path, tracks: int, count: int) -> list[Figure]:
    """All figures over the audio files of a folder."""
    engine, store = Mosaic(cache), Store(cache)
    sources = sources_in(folder)
    made = [make(engine, asked) for asked in playable(engine, sources, tracks)]
    odd_folder = cache / "odd"
    odd_folder.mkdir(parents=True, exist_ok=True)
    gaps = odd.gaps(engine, odd_folder)
    return [
        *sound_figures(made),
        *vector_figures(engine, sources, count),
        *blind_figures(engine, store, made),
        *(Figure(f"paid from sound: {name}", gap, 0.05) for name, gap in gaps.items()),
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--catalogue", type=Path, help="a folder of audio; default: the demo's")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path, help="keep analyses here")
    parser.add_argument("--tracks", type=int, default=10, help="rendered tracks")
    parser.add_argument("--compositions", type=int, default=40, help="compositions without sound")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.catalogue or catalogue(Path(scratch, "songs"))
        cache = given.cache or Path(scratch)
        figures = measure(folder, cache, given.tracks, given.compositions)
    show(figures)
    write(figures, given.json)
    return 0 if all(figure.holds is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
