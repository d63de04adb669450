"""Measures the sound of tracks from a folder of audio: `python -m scripts.bench.sound`.

Without `--catalogue` it synthesises and uses the demo catalogue. The mosaic engine makes tracks of
30 s from three files each. The meters are not the engine's own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generator.engines.base import Source
from generator.engines.mosaic import Mosaic, quality
from generator.engines.mosaic.cache import Store
from oracle.domain.tempi import misfits
from scripts.bench.figures import Figure, show, write
from scripts.bench.sound import joins
from scripts.bench.sound.catalogue import catalogue, sources_in
from scripts.bench.sound.measure import LENGTH, Measured, measure
from scripts.bench.sound.pictures import draw


def sets_of(sources: Sequence[Source]) -> list[list[Source]]:
    """Every three consecutive files, in a circle; all files if there are fewer than three."""
    size = min(3, len(sources))
    starts = range(len(sources)) if len(sources) > size else range(1)
    picked = [[(start + step) % len(sources) for step in range(size)] for start in starts]
    return [[sources[index] for index in sorted(indices)] for indices in picked]


def playable(engine: Mosaic, sets: Sequence[list[Source]]) -> list[list[Source]]:
    """Those sets of files that the engine can play at one tempo."""
    told = ([engine.analyse(source).bpm for source in chosen] for chosen in sets)
    return [chosen for chosen, bpms in zip(sets, told, strict=True) if not misfits(bpms)]


def figures(found: Sequence[Measured], *, demo: bool) -> list[Figure]:
    """Figures over all tracks, with their goals.

    Args:
        demo: whether the songs are the demo's, whose attacks are exact; other songs are compared
            with themselves.
    """
    return [*_joins(found), *_attacks(found, demo=demo), *_music(found), *_master(found)]


def _joins(found: Sequence[Measured]) -> list[Figure]:
    rough = sorted(ratio for track in found for ratio in track.roughness)
    dips = [dip for track in found for dip in track.dips]
    beats = sum(len(track.trace.draws) // 2 for track in found)
    edits = sum(edit.layer == "harmonic" for track in found for edit in track.trace.edits)
    return [
        Figure("joins rougher than twice their sources", sum(r > 2 for r in rough), 0, True),
        Figure("roughest join / its sources", rough[-1] if rough else 0.0, 2, True),
        Figure("level in mid-fade, run continues, dB off", abs(joins.mean(dips, True)), 1, True),
        Figure("level in mid-fade, jump, dB off", abs(joins.mean(dips, False)), 1, True),
        Figure("spread of level in mid-fade, dB", joins.spread(dips)),
        Figure("harmonic edits a beat", edits / max(1, beats), 0.8, True),
    ]


def _attacks(found: Sequence[Measured], *, demo: bool) -> list[Figure]:
    ours = _shares([track.attacks for track in found])
    own = _shares([song.attacks for track in found for song in track.songs])
    goals = (3, 97) if demo else (None, None)
    return [
        Figure("double attacks, % (peer: references)", ours[0], goals[0], True, own[0]),
        Figure("attacks on the grid, % (peer: references)", ours[1], goals[1], False, own[1]),
    ]


def _music(found: Sequence[Measured]) -> list[Figure]:
    songs = [song for track in found for song in track.songs]
    clashes = _percent([one for track in found for one in track.clashes])
    own = _percent([one for song in songs for one in song.clashes])
    back, theirs = _mean([t.returns for t in found]), _mean([song.returns for song in songs])
    return [
        Figure("clashing keys at changes, % (peer: references)", clashes, 30, True, own),
        Figure("best return of 4 s (peer: references)", back, 0.48, False, theirs),
        Figure("changes shared by both layers, %", 100 * _mean([t.shared for t in found])),
        Figure("percussive over harmonic level, dB", _mean([track.drums for track in found])),
        Figure("references whose beat is found, %", _percent([song.tracked for song in songs])),
        Figure("both layers copy one place, longest, s", max(t.together for t in found), 2, True),
    ]


def _master(found: Sequence[Measured]) -> list[Figure]:
    return [
        Figure("farthest from -14 LUFS, LU", max(abs(t.lufs + 14) for t in found), 0.3, True),
        Figure("highest true peak, dBTP", max(track.peak for track in found), -1, True),
        Figure("realised from asked, total variation", max(t.miss for t in found), 0.05, True),
        Figure("seconds of track in one of a core", _mean([t.speed for t in found]), 25, False),
    ]


def _shares(reports: Sequence[quality.Attacks]) -> tuple[float, float]:
    """Double attacks and attacks on the grid, in per cent of the beats with an attack."""
    beats = max(1, sum(report.beats for report in reports))
    double = sum(report.double for report in reports)
    return 100 * double / beats, 100 * sum(report.on_grid for report in reports) / beats


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _percent(values: Sequence[bool]) -> float:
    return 100 * _mean([float(value) for value in values])


def main(words: Sequence[str] | None = None) -> int:
    """Measure a folder; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--catalogue", type=Path, metavar="DIR", help="folder of audio files")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path, help="keep analyses here")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write a PNG of each track")
    parser.add_argument("--most", type=int, default=1_000, help="tracks to make at most")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as scratch:
        cache = given.cache or Path(scratch)
        engine, store = Mosaic(cache), Store(cache)
        folder = given.catalogue or catalogue(Path(scratch, "songs"))
        sets = playable(engine, sets_of(sources_in(folder)))[: given.most]
        found = [measure(engine, store, chosen, seed) for seed, chosen in enumerate(sets, 1)]
    for number, track in enumerate(found, 1):
        if given.pictures:
            draw(track.made, given.pictures / f"{number:02}.png")
    measured = figures(found, demo=given.catalogue is None)
    print(f"{len(found)} tracks of {LENGTH} s, {sum(len(t.roughness) for t in found)} joins")
    show(measured)
    write(measured, given.json)
    return 0 if all(figure.holds is not False for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
