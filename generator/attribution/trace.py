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
from oracle.domain.edits import NATIVE as NATIVE
from oracle.domain.groups import Groups
from oracle.domain.heard import LAYERS as LAYERS
from oracle.domain.plan import Plan, plan_json
from oracle.domain.trace import VERSION

MILLION = 1_000_000
UNITY = 65_536
"""Gains are integers in units of 1/65,536."""

HARMONIC, PERCUSSIVE = LAYERS


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
        source: first frame in the reference, at 44,100 Hz; less than 0 for silence before it.
        length: frames written, fades included.
        step: source phases of 1/1024 frame per frame written, 512..2048; 1024 is its own speed.
        gain: in 1/65,536, at least 1.
        fade_in, fade_out: frames of the fades inside `length`.
        unit: index of the unit in which the grain begins.
    """

    layer: str
    start: int
    component: int
    source: int
    length: int
    step: int
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
        levels: T energies of the units as laid, in 10^-9 of full scale times frames.
        frames_drawn: T frames that are heard, averaged over layers; they follow from `edits` and
            `levels` by `oracle.domain.heard`.
        log_likelihood: T rows of k + 1 micronats: log p_j(unit).
        audible: k + 1 energies, at least 0: each component's part of the loudness.
        separation: constants of decoding and layer separation, needed to render again.
        edits: empty for an engine that cannot be replayed.
        gain: master gain in 1/65,536.
        envelope: (frame, gain in 1/65,536) points ascending by frame, the first at frame 0;
            linear between points, constant after the last. It holds what the limiter does.
        plan: sections that cover all bars.
        controls: integers that steered the composition, by name.
        groups: components that are copies of each other.
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
    levels: tuple[int, ...]
    frames_drawn: tuple[int, ...]
    log_likelihood: tuple[tuple[int, ...], ...]
    audible: tuple[int, ...]
    separation: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    gain: int = UNITY
    envelope: tuple[tuple[int, int], ...] = ((0, UNITY),)
    plan: Plan = ()
    controls: Mapping[str, int] = field(default_factory=dict)
    groups: Groups = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of docs/formats/mosaic.md."""
        return {
            "refrain_trace": VERSION,
            "engine": {"name": self.engine, "version": self.version},
            "seed": str(self.seed),
            "rate": self.rate,
            "frames": self.frames,
            "bpm": self.bpm,
            "references": [asdict(reference) for reference in self.references],
            "prior": list(self.prior),
            "draws": list(self.draws),
            "levels": list(self.levels),
            "frames_drawn": list(self.frames_drawn),
            "log_likelihood": [list(row) for row in self.log_likelihood],
            "audible": list(self.audible),
            "separation": dict(self.separation),
            "edits": [asdict(edit) for edit in self.edits],
            "gain": self.gain,
            "envelope": [list(point) for point in self.envelope],
            "plan": plan_json(self.plan),
            "controls": dict(self.controls),
            "groups": [list(group) for group in self.groups],
        }

    def to_json(self) -> bytes:
        """Canonical JSON: its sha256 names the trace."""
        return canonical.dumps(self.to_dict())

    @property
    def sha256(self) -> str:
        """64 hex digits over `to_json()`."""
        return hashlib.sha256(self.to_json()).hexdigest()
