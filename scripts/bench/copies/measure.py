"""Measures how many copies of each kind are found, and how many other uploads are held wrongly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from generator.fingerprints.fingerprint import RATE, Fingerprint
from generator.fingerprints.index import InvertedIndex
from generator.fingerprints.matching import COPY, match
from generator.fingerprints.peaks import fingerprint, slowed
from scripts.bench.copies import kinds
from scripts.bench.copies.songs import Signal, band, compose, cover, play

SECONDS = 20
FILLING_SECONDS = 10
FILLING, STRANGERS, COVERS, GRIDS = 1_000_000, 2_000_000, 3_000_000, 4_000_000
"""First seeds of the songs that fill the catalogue, of negatives, and of the players of covers."""
AT_ONCE = 64

Tell = Callable[[str], None]


@dataclass
class Tally:
    """Scores of the right answers, and the number of wrong ones, of `asked` questions."""

    asked: int = 0
    scores: list[int] = field(default_factory=list)
    wrong: int = 0

    def found(self) -> float:
        """The share of questions with the right answer."""
        return len(self.scores) / max(1, self.asked)


@dataclass
class Result:
    """What was measured; times in seconds of this process."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    others: dict[str, Tally] = field(default_factory=dict)
    catalogue: int = 0
    song_bytes: list[int] = field(default_factory=list)
    index_bytes: int = 0
    making: list[float] = field(default_factory=list)
    asking: list[float] = field(default_factory=list)


def print_of(signal: Signal, rate: int = kinds.RATE) -> Fingerprint:
    """The fingerprint of a signal at 44.1 kHz, as a node makes it."""
    return fingerprint(slowed(signal.astype(np.float32), rate))


def fill(index: InvertedIndex, songs: int, tell: Tell) -> None:
    """Adds songs until the index has so many; those that it has are not made again."""
    for first in range(0, songs, AT_ONCE):
        names = [f"{FILLING + seed:064d}" for seed in range(first, min(songs, first + AT_ONCE))]
        missing = [name for name in names if not index.holds(name)]
        index.add_all((name, _filling(int(name))) for name in missing)
        if missing:
            tell(f"catalogue: {min(songs, first + AT_ONCE)} of {songs}")


def _filling(seed: int) -> Fingerprint:
    """A song made at the rate of fingerprints, since nothing else is done to it."""
    return fingerprint(play(compose(seed), band(seed), FILLING_SECONDS, RATE))


def measure(folder: Path, songs: int, negatives: int, filling: int, tell: Tell) -> Result:
    """Fills an index in a folder, then asks it for copies and for songs that are none.

    Ctrl-C ends it early with what is measured so far; the catalogue is kept for the next run.
    """
    index, result = InvertedIndex(folder), Result(catalogue=filling + songs)
    fill(index, filling, tell)
    with suppress(KeyboardInterrupt):
        _measure(index, result, songs, negatives, tell)
    result.index_bytes = sum(path.stat().st_size for path in (folder / "segments").glob("*.npy"))
    return result


def _measure(
    index: InvertedIndex, result: Result, songs: int, negatives: int, tell: Tell
) -> None:
    for seed in range(songs):
        _song(index, result, seed)
        tell(f"songs: {seed + 1} of {songs}")
    for number in range(negatives):
        for name, signal, original in _negatives(number, songs):
            _ask(index, result, result.others.setdefault(name, Tally()), signal, original)
        tell(f"negatives: {number + 1} of {negatives}")


def _song(index: InvertedIndex, result: Result, seed: int) -> None:
    signal, name = play(compose(seed), band(seed), SECONDS, kinds.RATE), f"{seed:064d}"
    started = time.process_time()
    own = print_of(signal)
    result.making.append(time.process_time() - started)
    result.song_bytes.append(len(own.to_bytes()))
    index.add(name, own)
    for kind, change in kinds.KINDS.items():
        tally = result.kinds.setdefault(kind, Tally())
        _ask(index, result, tally, change(signal), name)


def _ask(
    index: InvertedIndex, result: Result, tally: Tally, signal: Signal, original: str
) -> None:
    found = print_of(signal)
    started = time.process_time()
    matches = dict(index.matches(found, COPY))
    result.asking.append(time.process_time() - started)
    tally.asked += 1
    if original in matches:
        tally.scores.append(matches.pop(original).score)
    tally.wrong += bool(matches)


def _negatives(number: int, songs: int) -> Iterator[tuple[str, Signal, str]]:
    """Another song; and of the first ones a cover, and the same notes at the same time by others.

    For covers the original is no right answer, but its score is counted like one.
    """
    stranger = STRANGERS + number
    yield "other song", play(compose(stranger), band(stranger), SECONDS, kinds.RATE), ""
    if number < songs:
        tune, name = compose(number), f"{number:064d}"
        players = band(COVERS + number)
        yield "cover", play(cover(tune, number), players, SECONDS, kinds.RATE), name
        yield "same notes and tempo, other instruments", play(
            tune, band(GRIDS + number), SECONDS, kinds.RATE
        ), name


def score_of(one: Signal, other: Signal) -> int:
    """The score of two signals at 44.1 kHz; 0 without a fit."""
    found = match(print_of(one), print_of(other))
    return found.score if found else 0
