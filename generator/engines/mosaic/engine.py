"""The mosaic engine: analyses references, then composes, renders and masters a track."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.attribution.trace import MILLION, Edit, Reference, Trace
from generator.audio.decode import RATE
from generator.engines.base import (
    NO_STEERING,
    Analysis,
    Claim,
    Composition,
    Generated,
    Progress,
    ReplayableEngine,
    Source,
    Steering,
    silent,
)
from generator.engines.mosaic import audible, checking, mastering, render
from generator.engines.mosaic.alignment import aligned
from generator.engines.mosaic.analysis_record import ENGINE, VERSION
from generator.engines.mosaic.composition import compose
from generator.engines.mosaic.constants import separation
from generator.engines.mosaic.library import Library
from generator.engines.mosaic.paid_sound import require_heard
from generator.engines.mosaic.refused_reference import RefusedReference
from oracle.domain.check import Check
from oracle.domain.errors import InvalidInput
from oracle.domain.tempi import whole_bpm

if TYPE_CHECKING:

    from generator.engines.base import Stem, Track

SHORTEST, LONGEST = 1, 600
"""Seconds of a track; the node and the oracle accept a narrower range."""


class Mosaic(ReplayableEngine):
    """Corpus-based concatenative synthesis in two layers, on the CPU, without a trained model.

    Args:
        cache: folder for layers and records (42 MB a minute of audio); created when needed.
    """

    name = ENGINE
    version = VERSION

    def __init__(self, cache: Path) -> None:
        self._library = Library(cache)

    def limit_cache(self, most: int) -> None:
        """See `Engine.limit_cache`."""
        self._library.bound(most)

    def analyse(self, source: Source, progress: Progress = silent) -> Analysis:
        """See `Engine.analyse`; a second call only reads the cache."""
        content = self._library.record(source, progress)
        record = json.loads(content)
        progress(100)
        digest, seconds = hashlib.sha256(content).hexdigest(), record["frames"] // RATE
        return Analysis(record, digest, seconds, _bpm(record))

    def compose(
        self,
        records: Sequence[Mapping[str, Any]],
        weights: Sequence[int],
        seed: int,
        length: int,
        steering: Steering = NO_STEERING,
    ) -> Composition:
        """See `ReplayableEngine.compose`."""
        _check(len(records), weights, length)
        return compose(records, weights, seed, length, steering)

    def render(
        self, edits: Sequence[Edit], sources: Sequence[Source], frames: int
    ) -> Mapping[int, Stem]:
        """See `ReplayableEngine.render`."""
        layers = self._library.layers(sources)
        return {
            component: render.mix(
                render.pieces([edit for edit in edits if edit.component == component], layers),
                frames,
            )
            for component in layers
        }

    def generate(
        self,
        sources: Sequence[Source],
        weights: Sequence[int],
        seed: int,
        length: int,
        progress: Progress = silent,
        steering: Steering = NO_STEERING,
    ) -> Generated:
        """See `Engine.generate`."""
        _check(len(sources), weights, length)
        analyses = self._all(sources, progress)
        records = [found.record for found in analyses]
        try:
            composition = compose(records, weights, seed, length, steering)
        except RefusedReference as error:
            raise error.named(sources[error.index].recording) from None
        progress(50)
        layers = self._library.layers(sources)
        composition = replace(composition, edits=aligned(composition.edits, layers))
        laid = list(render.pieces(composition.edits, layers))
        mixed = render.mix(laid, composition.frames)
        progress(60)
        levels = mastering.find(mixed)
        progress(80)
        heard = audible.shares(laid, mixed, levels.gain, levels.envelope, len(sources))
        track = render.master(mixed, levels.gain, levels.envelope)
        progress(100)
        digests = [found.digest for found in analyses]
        trace = _trace(composition, sources, digests, weights, seed, steering, levels, heard)
        require_heard(trace)
        return Generated(track, trace)

    def _all(self, sources: Sequence[Source], progress: Progress) -> list[Analysis]:
        done = []
        for index, source in enumerate(sources):
            done.append(self.analyse(source))
            progress(40 * (index + 1) // len(sources))
        return done

    def replay(self, trace: Trace, sources: Sequence[Source], progress: Progress = silent) -> Track:
        """See `ReplayableEngine.replay`. It renders the edits; it neither composes nor measures."""
        self._agree(trace, sources)
        laid = render.pieces(trace.edits, self._library.layers(sources, progress))
        track = render.master(render.mix(laid, trace.frames), trace.gain, trace.envelope)
        progress(100)
        return track

    def check(self, claim: Claim, sources: Sequence[Source], progress: Progress = silent) -> Check:
        """See `Engine.check`. It renders only what composing again gives."""
        self._agree(claim.trace, sources)
        own = self._all(sources, progress)
        if lacks := checking.lacking(claim, own):
            return Check(lacks=lacks)
        layers = self._library.layers(sources)
        if differs := checking.composed_otherwise(claim, own, layers):
            return Check(differs=differs)
        require_heard(claim.trace)
        progress(50)
        return checking.measured(claim.trace, claim.sound, layers)

    def _agree(self, trace: Trace, sources: Sequence[Source]) -> None:
        made_by = f"{trace.engine} {trace.version}"
        if made_by != f"{self.name} {self.version}":
            raise InvalidInput("is not a trace of this engine", field="engine", value=made_by)
        if trace.separation != separation():
            raise InvalidInput("differs from this engine's constants", field="separation")
        if trace.frames > LONGEST * RATE:
            raise InvalidInput(f"must be at most {LONGEST} s", field="frames", value=trace.frames)
        asked = [(reference.recording, reference.audio) for reference in trace.references]
        given = [(source.recording, source.audio) for source in sources]
        if asked != given:
            raise InvalidInput("must be the trace's recordings", field="references", value=given)


def _bpm(record: Mapping[str, Any]) -> int:
    """A recording's tempo in the octave of output tempi; 0 without a beat."""
    return whole_bpm(record["millibpm"]) if record["tracked"] else 0


def _check(references: int, weights: Sequence[int], length: int) -> None:
    if references == 0 or len(weights) != references:
        raise InvalidInput("must be one for each reference", field="weights", value=len(weights))
    if min(weights) <= 0 or sum(weights) != MILLION:
        raise InvalidInput(f"must sum to {MILLION}, each > 0", field="weights", value=sum(weights))
    if not SHORTEST <= length <= LONGEST:
        raise InvalidInput(f"must be {SHORTEST} to {LONGEST} s", field="length", value=length)


def _trace(
    composition: Composition,
    sources: Sequence[Source],
    digests: Sequence[str],
    weights: Sequence[int],
    seed: int,
    steering: Steering,
    levels: mastering.Mastering,
    heard: tuple[int, ...],
) -> Trace:
    terms = zip(sources, digests, composition.shifts, strict=True)
    return Trace(
        engine=ENGINE,
        version=VERSION,
        seed=seed,
        rate=RATE,
        frames=composition.frames,
        bpm=composition.bpm,
        references=tuple(
            Reference(source.recording, source.audio, digest, shift)
            for source, digest, shift in terms
        ),
        prior=(0, *weights),
        draws=composition.draws,
        levels=composition.levels,
        frames_drawn=composition.frames_drawn,
        log_likelihood=composition.log_likelihood,
        audible=heard,
        separation=separation(),
        edits=composition.edits,
        gain=levels.gain,
        envelope=levels.envelope,
        plan=composition.plan,
        controls=steering.controls,
        groups=steering.groups,
    )
