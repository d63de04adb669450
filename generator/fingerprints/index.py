"""An exact inverted index of fingerprints on disk: which known recordings share hashes with one.

    <folder>/prints/<first 2>/<name>.rfp    fingerprints by the sha256 of their audio file
    <folder>/segments/<n>.npy               sorted postings: hash * 2^32 + place in the names
    <folder>/segments/<n>.json              the names of a segment; written last

A question costs a binary search for each of its hashes in each segment. Segments of one size are
merged once there are `MOST_ALIKE`, so that there are few. Every posting of every hash is read: the
index leaves nothing out, whatever its size, and needs no neighbour search (ADR 26).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from generator import atomic_files
from generator.fingerprints import hashes
from generator.fingerprints.fingerprint import Fingerprint, from_bytes
from generator.fingerprints.matching import Match, Question, compared
from oracle.domain.errors import Unavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Postings = NDArray[np.uint64]
    Integers = NDArray[np.int64]

MOST_ALIKE = 8
"""Segments of one size, in powers of eight, before they become one."""
MISSES = 24
"""Recordings that were compared and do not match, after which no more are compared. Matches do not
count, so that a pirate's many copies of a song do not hide the song."""
MOST_MATCHES = 100
"""Matches after which no more are compared."""
MOST_TRIES = 100
"""Readings of the list of segments, while another process merges them."""
FEWEST_EQUAL = 6
"""Equal hashes below which a recording is no candidate."""


class Index(Protocol):
    """A catalogue of fingerprints. An exact one and one that approximates look alike."""

    def add(self, name: str, found: Fingerprint) -> None:
        """Keeps a fingerprint under a name; a known name changes nothing."""

    def holds(self, name: str) -> bool: ...
    def matches(self, found: Fingerprint, least: int) -> list[tuple[str, Match]]:
        """The recordings that match with at least this score, the best first."""


@dataclass(frozen=True)
class Segment:
    """Some fingerprints: their names, and their sorted postings."""

    number: int
    names: tuple[str, ...]
    postings: Postings


class InvertedIndex:
    """Implements Index in a folder.

    Args:
        writes: whether this process is the one that writes it. Others see what it holds when they
            open it, also while that process adds to it.
    """

    def __init__(self, folder: Path, writes: bool = True) -> None:
        self._prints, self._folder = folder / "prints", folder / "segments"
        if writes:
            self._folder.mkdir(parents=True, exist_ok=True)
            atomic_files.drop_drafts(folder)
        self._segments = self._all()
        self._names = {name for each in self._segments for name in each.names}

    def holds(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str, found: Fingerprint) -> None:
        """See `Index`. A crash leaves the fingerprint in the index, or not at all."""
        self.add_all([(name, found)])

    def add_all(self, given: Iterable[tuple[str, Fingerprint]]) -> None:
        """Keeps several fingerprints in one segment."""
        new = {name: found for name, found in given if name not in self._names}
        if not new:
            return
        for name, found in new.items():
            atomic_files.write(self._path(name), found.to_bytes())
        self._write(tuple(new), _postings(new.values()))
        self._names.update(new)
        self._merge()

    def load(self, name: str) -> Fingerprint:
        """A fingerprint by its name. Raises FileNotFoundError."""
        return from_bytes(self._path(name).read_bytes())

    def matches(self, found: Fingerprint, least: int) -> list[tuple[str, Match]]:
        """See `Index`."""
        asked, good, misses = Question(found), [], 0
        for name in self.candidates(asked):
            fit = compared(asked, self.load(name))
            if fit is not None and fit.score >= least:
                good.append((name, fit))
            else:
                misses += 1
            if misses >= MISSES or len(good) >= MOST_MATCHES:
                break
        return sorted(good, key=lambda pair: (-pair[1].score, pair[0]))

    def candidates(self, question: Question) -> list[str]:
        """The names with enough equal hashes, those with the most first."""
        import numpy as np

        asked = np.unique(question.hashes)
        most: dict[str, int] = {}
        for segment in self._segments:
            counts = _counts(segment, asked)
            for at in np.nonzero(counts >= FEWEST_EQUAL)[0]:
                most[segment.names[at]] = int(counts[at])
        return sorted(most, key=lambda name: (-most[name], name))

    def _path(self, name: str) -> Path:
        return self._prints / name[:2] / f"{name}.rfp"

    def _all(self) -> list[Segment]:
        """The segments, read again if another process merged some meanwhile."""
        for _ in range(MOST_TRIES):
            numbers = self._numbers()
            with suppress(FileNotFoundError):
                found = [self._segment(number) for number in numbers]
                if self._numbers() == numbers:
                    return found
        raise Unavailable("the fingerprints are merged all the time; ask again")

    def _numbers(self) -> list[int]:
        """A number is of one segment for ever."""
        return sorted(int(path.stem) for path in self._folder.glob("*.json"))

    def _segment(self, number: int) -> Segment:
        import numpy as np

        path = self._folder / f"{number}.json"
        names = tuple(json.loads(path.read_bytes()))
        postings = np.load(path.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
        return Segment(number, names, postings)

    def _write(self, names: tuple[str, ...], postings: Postings) -> None:
        import numpy as np

        number = 1 + max((each.number for each in self._segments), default=0)
        path = self._folder / f"{number}.npy"
        with atomic_files.draft(path) as file:
            np.save(file, postings, allow_pickle=False)
        atomic_files.write(path.with_suffix(".json"), json.dumps(names).encode())
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        self._segments.append(Segment(number, names, mapped))

    def _merge(self) -> None:
        """Makes one segment of those of the newest one's size, when there are enough."""
        import numpy as np

        while len(alike := self._alike()) >= MOST_ALIKE:
            names = tuple(name for each in alike for name in each.names)
            parts, before = [], 0
            for each in alike:
                parts.append(each.postings + np.uint64(before))
                before += len(each.names)
            self._write(names, np.sort(np.concatenate(parts)))
            self._segments = [each for each in self._segments if each not in alike]
            for each in alike:
                # First the names: a segment without them is not read.
                (self._folder / f"{each.number}.json").unlink()
                (self._folder / f"{each.number}.npy").unlink()

    def _alike(self) -> list[Segment]:
        size = _size(self._segments[-1])
        return [each for each in self._segments if _size(each) == size]


def _size(segment: Segment) -> int:
    size, names = 0, len(segment.names)
    while names >= MOST_ALIKE:
        size, names = size + 1, names // MOST_ALIKE
    return size


def _postings(prints: Iterable[Fingerprint]) -> Postings:
    import numpy as np

    parts = [
        (np.unique(hashes.hashes(found)[0]).astype(np.uint64) << np.uint64(32)) + np.uint64(at)
        for at, found in enumerate(prints)
    ]
    return np.sort(np.concatenate(parts))


def _counts(segment: Segment, asked: Integers) -> Integers:
    """How many of the asked hashes each recording of a segment has."""
    import numpy as np

    low = asked.astype(np.uint64) << np.uint64(32)
    first = np.searchsorted(segment.postings, low, side="left")
    last = np.searchsorted(segment.postings, low + np.uint64(2**32 - 1), side="right")
    length = last - first
    start = np.repeat(first - (np.cumsum(length) - length), length)
    every = segment.postings[start + np.arange(int(length.sum()))]
    places = (every & np.uint64(2**32 - 1)).astype(np.int64)
    return np.bincount(places, minlength=len(segment.names))
