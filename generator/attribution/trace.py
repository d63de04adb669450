"""The record that an engine writes while it makes a track; attribution reads nothing else of it.

Every number is an integer, so that two readers of a trace cannot disagree about it. The JSON form
is described in docs/formats/mosaic.md; `generator/attribution/trace_json.py` reads and checks it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from oracle.domain import canonical

MILLION = 1_000_000
UNITY = 65_536
"""Gains are integers in units of 1/65,536."""

HARMONIC = "harmonic"
PERCUSSIVE = "percussive"
LAYERS = (HARMONIC, PERCUSSIVE)


@dataclass(frozen=True)
class Reference:
    """One recording that a track uses; component j is the reference at index j - 1.

    Args:
        recording: id on chain; references ascend by it.
        audio: sha256 of the file as uploaded, 64 hex digits.
        record: sha256 of its analysis record, 64 hex digits.
        shift: semitones by which its harmonic layer is moved, -3..3.
    """

    recording: int
    audio: str
    record: str
    shift: int = 0


@dataclass(frozen=True)
class Edit:
    """One grain: `length` frames of a reference's layer, added to the track.

    Args:
        layer: "harmonic" or "percussive".
        start: first frame in the track.
        component: 1..k.
        source: first frame in the reference, at 44,100 Hz.
        length: frames written, fades included.
        semitones: -3..3, 0 for the percussive layer.
        gain: in 1/65,536.
        fade_in, fade_out: frames of raised cosine inside `length`.
        unit: index of the unit in which the grain begins.
    """

    layer: str
    start: int
    component: int
    source: int
    length: int
    semitones: int
    gain: int
    fade_in: int
    fade_out: int
    unit: int


@dataclass(frozen=True)
class Trace:
    """The record of one generation; T units, k references, component 0 is "no reference".

    Args:
        engine, version: what made the track.
        seed: 0..2^64 - 1, from the order.
        rate: frames a second.
        frames: length of the track.
        bpm: integer tempo of the output grid; 0 for an engine without one.
        references: k of them, ascending by recording id.
        prior: k + 1 requested weights, sum 1,000,000.
        draws: T components, 0..k.
        frames_drawn: T audible frames, averaged over layers; 0 for a unit below -60 dBFS.
        log_likelihood: T rows of k + 1 micronats: log p_j(unit).
        strength: T millionths; 1,000,000 for an engine without such a value.
        audible: k + 1 energies, at least 0: each component's part of the loudness.
        separation: constants of decoding and layer separation, needed to render again.
        edits: empty for an engine that cannot be replayed.
        gain: master gain in 1/65,536.
        envelope: (frame, gain in 1/65,536) points ascending by frame, the first at frame 0;
            linear between points, constant after the last. It holds what the limiter does.
    """

    engine: str
    version: str
    seed: int
    rate: int
    frames: int
    bpm: int
    references: tuple[Reference, ...]
    prior: tuple[int, ...]
    draws: tuple[int, ...]
    frames_drawn: tuple[int, ...]
    log_likelihood: tuple[tuple[int, ...], ...]
    strength: tuple[int, ...]
    audible: tuple[int, ...]
    separation: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    gain: int = UNITY
    envelope: tuple[tuple[int, int], ...] = ((0, UNITY),)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of docs/formats/mosaic.md."""
        return {
            "refrain_trace": 1,
            "engine": {"name": self.engine, "version": self.version},
            "seed": str(self.seed),
            "rate": self.rate,
            "frames": self.frames,
            "bpm": self.bpm,
            "references": [asdict(reference) for reference in self.references],
            "prior": list(self.prior),
            "draws": list(self.draws),
            "frames_drawn": list(self.frames_drawn),
            "log_likelihood": [list(row) for row in self.log_likelihood],
            "strength": list(self.strength),
            "audible": list(self.audible),
            "separation": dict(self.separation),
            "edits": [asdict(edit) for edit in self.edits],
            "gain": self.gain,
            "envelope": [list(point) for point in self.envelope],
        }

    def to_json(self) -> bytes:
        """Canonical JSON: its sha256 names the trace."""
        return canonical.dumps(self.to_dict())

    @property
    def sha256(self) -> str:
        """64 hex digits over `to_json()`."""
        return hashlib.sha256(self.to_json()).hexdigest()
