"""The interface of an engine: from the audio of references to a track and its trace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from generator.attribution.trace import Edit, Trace
from oracle.domain.check import Check
from oracle.domain.groups import Groups
from oracle.domain.plan import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Track = NDArray[np.int16]
    """16-bit samples of shape (frames, 2) at the trace's rate."""
    Stem = NDArray[np.float64]
    """Samples of shape (frames, 2), 1.0 is full scale."""

Progress = Callable[[int], None]
"""Receives per cent done, 0..100, never falling; called from the thread that does the work."""


def silent(percent: int) -> None:
    """A progress callback that does nothing."""


@dataclass(frozen=True)
class Source:
    """A reference's file on this machine.

    Args:
        recording: the reference's id on chain.
        audio: sha256 of the file's bytes, 64 hex digits; the caller has checked it.
        path: the file as uploaded (WAV, FLAC, MP3 or OGG).
    """

    recording: int
    audio: str
    path: Path


@dataclass(frozen=True)
class Analysis:
    """An analysis record: integers only.

    Args:
        record: the JSON object.
        digest: sha256 of its canonical JSON, 64 hex digits; the record's name.
        seconds: whole seconds of audio, rounded down.
        bpm: tempo, rounded to an integer; 0 where there is no beat.
    """

    record: Mapping[str, Any]
    digest: str
    seconds: int
    bpm: int


@dataclass(frozen=True)
class Steering:
    """What steers a composition beside weights, seed and length; a trace holds all of it.

    Args:
        controls: integers by name, see `oracle.domain.controls`.
        groups: components that are copies of each other, see `oracle.domain.groups`.
    """

    controls: Mapping[str, int] = field(default_factory=dict)
    groups: Groups = ()


NO_STEERING = Steering()


@dataclass(frozen=True)
class Composition:
    """The edit list of a track before rendering; the fields mean what they mean in `Trace`."""

    frames: int
    bpm: int
    shifts: tuple[int, ...]
    draws: tuple[int, ...]
    levels: tuple[int, ...]
    frames_drawn: tuple[int, ...]
    log_likelihood: tuple[tuple[int, ...], ...]
    plan: Plan
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Generated:
    """A finished track, int16 of shape (frames, 2), and its trace."""

    track: Track
    trace: Trace


@dataclass(frozen=True)
class Claim:
    """A track that another node made for an order, and what that node says about it.

    Args:
        trace: it belongs to the order; its form and its counted frames are checked.
        sound: samples of 16 bits, little-endian and interleaved, as many frames as the trace has.
        length: seconds that the order asks for.
        records: analysis records of the maker by digest; parsed JSON, not checked.
        groups: the references that are copies of each other, as this node finds them.
    """

    trace: Trace
    sound: bytes
    length: int
    records: Mapping[str, Any] = field(default_factory=dict)
    groups: Groups = ()


class Engine(ABC):
    """Samples a track from an explicit mixture of references.

    An engine is deterministic: the same files, weights, seed and length give the same bytes with
    any number of threads. Every call may be repeated; the engine keeps reusable work in its cache.
    """

    name: ClassVar[str]
    version: ClassVar[str]

    def limit_cache(self, most: int) -> None:
        """Keep at most so many bytes in the cache from now on; an engine without one does nothing.

        What a running task uses is kept in any case.
        """
        return None

    @abstractmethod
    def analyse(self, source: Source, progress: Progress = silent) -> Analysis:
        """Analyse one reference; a repeated call reads the cache.

        Raises:
            generator.audio.decode.AudioError: the file cannot be used; names field and value.
        """

    @abstractmethod
    def generate(
        self,
        sources: Sequence[Source],
        weights: Sequence[int],
        seed: int,
        length: int,
        progress: Progress = silent,
        steering: Steering = NO_STEERING,
    ) -> Generated:
        """Make a track.

        Args:
            sources: the references, ascending by recording id.
            weights: one for each reference, above 0, sum 1,000,000.
            seed: 0..2^64 - 1.
            length: seconds, 5..120.

        Raises:
            oracle.domain.errors.InvalidInput: references that this engine cannot combine.
        """

    @abstractmethod
    def check(
        self, claim: Claim, sources: Sequence[Source], progress: Progress = silent
    ) -> Check:
        """Makes a track of another node again, and tells how far the claim is from it.

        Args:
            sources: the trace's references in its order, from this machine.

        Raises:
            oracle.domain.errors.InvalidInput: the trace is not this engine's, or a reference is
                missing or has other bytes.
        """


class ReplayableEngine(Engine):
    """An engine whose trace holds an edit list that renders exactly the same track again."""

    @abstractmethod
    def compose(
        self,
        records: Sequence[Mapping[str, Any]],
        weights: Sequence[int],
        seed: int,
        length: int,
        steering: Steering = NO_STEERING,
    ) -> Composition:
        """The edit list for a track: a pure function of integers; arguments as in `generate`."""

    @abstractmethod
    def render(
        self, edits: Sequence[Edit], sources: Sequence[Source], frames: int
    ) -> Mapping[int, Stem]:
        """The unmastered stem of each component: a pure function of edits and audio."""

    @abstractmethod
    def replay(self, trace: Trace, sources: Sequence[Source], progress: Progress = silent) -> Track:
        """Renders the track of a trace again; the same bytes.

        Args:
            sources: the trace's references in its order; `audio` must match.

        Raises:
            oracle.domain.errors.InvalidInput: the trace is not this engine's, or a reference is
                missing or has other bytes.
        """
