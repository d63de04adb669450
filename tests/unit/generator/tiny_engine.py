"""A very simple engine, and engines that misbehave as real ones can.

It cuts references into half-second beats and joins them. That is enough to test everything around
an engine in a fraction of the time.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from generator.attribution.trace import MILLION, NATIVE, UNITY, Edit, Reference, Trace
from generator.audio.decode import RATE, AudioError, decode
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
from generator.engines.compared import first_difference
from oracle.domain import canonical
from oracle.domain.audio import largest_difference
from oracle.domain.check import MOST_TOLD, Check
from oracle.domain.errors import InvalidInput
from oracle.domain.heard import FLOOR
from oracle.domain.plan import whole

BEAT = RATE // 2
CRASHES, SLOW, GO = 13, 17, "go"
NEAR, FAR = 3 * MILLION, -3 * MILLION


class TinyEngine(ReplayableEngine):
    """Beats of references by quota; the harmonic layer is the whole signal, the other is empty."""

    name = "tiny"
    version = "2"

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def analyse(self, source: Source, progress: Progress = silent) -> Analysis:
        kept = self._cache / f"{source.audio}.json"
        if kept.is_file():
            record = json.loads(kept.read_bytes())
        else:
            record = {"audio": source.audio, "frames": len(_samples(source))}
            self._cache.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(canonical.dumps(record))
        progress(100)
        digest = hashlib.sha256(canonical.dumps(record)).hexdigest()
        return Analysis(record, digest, record["frames"] // RATE, 120)

    def generate(
        self,
        sources: Sequence[Source],
        weights: Sequence[int],
        seed: int,
        length: int,
        progress: Progress = silent,
        steering: Steering = NO_STEERING,
    ) -> Generated:
        analyses = [self.analyse(source) for source in sources]
        progress(20)
        plan = self.compose([a.record for a in analyses], weights, seed, length, steering)
        stems = self.render(plan.edits, sources, plan.frames)
        progress(80)
        mix = sum(stems.values())
        trace = Trace(
            engine=self.name,
            version=self.version,
            seed=seed,
            rate=RATE,
            frames=plan.frames,
            bpm=plan.bpm,
            references=tuple(
                Reference(s.recording, s.audio, a.digest)
                for s, a in zip(sources, analyses, strict=True)
            ),
            prior=(0, *weights),
            draws=plan.draws,
            levels=plan.levels,
            frames_drawn=plan.frames_drawn,
            log_likelihood=plan.log_likelihood,
            audible=(0, *(round(float(np.sum(s * mix))) for s in stems.values())),
            separation={"layers": 1},
            edits=plan.edits,
            plan=plan.plan,
            controls=steering.controls,
            groups=steering.groups,
        )
        progress(100)
        return Generated(_track(mix), trace)

    def compose(
        self,
        records: Sequence[Mapping[str, Any]],
        weights: Sequence[int],
        seed: int,
        length: int,
        steering: Steering = NO_STEERING,
    ) -> Composition:
        dice, beats_made = random.Random(seed), length * 2
        owed, draws, edits = [0] * len(weights), [], []
        for beat in range(beats_made):
            owed = [debt + weight for debt, weight in zip(owed, weights, strict=True)]
            drawn = max(range(len(owed)), key=lambda j: (owed[j], -j))
            owed[drawn] -= MILLION
            draws += [drawn + 1, drawn + 1]
            beats = records[drawn]["frames"] // BEAT
            start, source = beat * BEAT, dice.randrange(beats) * BEAT
            edits.append(
                Edit("harmonic", start, drawn + 1, source, BEAT, NATIVE, UNITY, 0, 0, 2 * beat)
            )
        rows = tuple(
            (0, *(NEAR if j == draw else FAR for j in range(1, len(weights) + 1))) for draw in draws
        )
        return Composition(
            frames=beats_made * BEAT,
            bpm=120,
            shifts=(0,) * len(weights),
            draws=tuple(draws),
            levels=(FLOOR * BEAT, 0) * beats_made,
            frames_drawn=(BEAT // 2, 0) * beats_made,
            log_likelihood=rows,
            plan=whole(beats_made),
            edits=tuple(edits),
        )

    def render(
        self, edits: Sequence[Edit], sources: Sequence[Source], frames: int
    ) -> Mapping[int, Any]:
        audio = [_samples(source) for source in sources]
        stems = {j: np.zeros((frames, 2)) for j in range(1, len(sources) + 1)}
        for edit in edits:
            piece = audio[edit.component - 1][edit.source : edit.source + edit.length]
            stems[edit.component][edit.start : edit.start + len(piece)] += piece
        return stems

    def check(
        self, claim: Claim, sources: Sequence[Source], progress: Progress = silent
    ) -> Check:
        own, trace = [self.analyse(source) for source in sources], claim.trace
        pairs = list(zip(trace.references, own, strict=True))
        known = {analysis.digest: analysis.record for analysis in own} | dict(claim.records)
        if lacks := tuple(ref.recording for ref, _ in pairs if ref.record not in known):
            return Check(lacks=lacks)
        records = [known[reference.record] for reference in trace.references]
        if any(one != other.record for one, other in zip(records, own, strict=True)):
            return Check(differs="references.record")
        made = self.compose(records, trace.prior[1:], trace.seed, claim.length)
        if differs := first_difference(trace, made):
            return Check(differs=differs)
        track = self.replay(trace, sources).astype("<i2").tobytes()
        steps = min(MOST_TOLD, largest_difference(track, claim.sound))
        return Check(steps=steps, gain=0, envelope=0, audible=0)

    def replay(self, trace: Trace, sources: Sequence[Source], progress: Progress = silent) -> Any:
        if trace.engine != self.name:
            raise InvalidInput("is of another engine", field="engine.name", value=trace.engine)
        return _track(sum(self.render(trace.edits, sources, trace.frames).values()))


class TinyMosaic(TinyEngine):
    """The same under the name of the engine that requests may ask for. It crashes for tracks of
    `CRASHES` seconds. For tracks of `SLOW` seconds and the first look at recording `SLOW` it waits
    until its cache has a file `GO`, at most a minute."""

    name = "mosaic"

    def analyse(self, source: Source, progress: Progress = silent) -> Analysis:
        if source.recording == SLOW:
            self._wait()
        return super().analyse(source, progress)

    def generate(self, *given: Any, **named: Any) -> Any:
        length = given[3]
        if length == CRASHES:
            ctypes.string_at(0)
        if length == SLOW:
            self._wait()
        return super().generate(*given, **named)

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while not (self._cache / GO).exists() and time.monotonic() < end:
            time.sleep(0.05)


class CrashingEngine(TinyEngine):
    """Crashes as native code does, with an invalid address."""

    def generate(self, *_: Any, **__: Any) -> Any:
        ctypes.string_at(0)


class GreedyEngine(TinyEngine):
    """Uses more memory than it may."""

    def generate(self, *_: Any, **__: Any) -> Any:
        return [np.ones(2**27) for _ in range(64)]


class KilledEngine(TinyEngine):
    """Ends as if the kernel's out-of-memory killer had ended it."""

    def generate(self, *_: Any, **__: Any) -> Any:
        os.kill(os.getpid(), 9)


class WrongEngine(TinyEngine):
    """Contains a bug."""

    def generate(self, *_: Any, **__: Any) -> Any:
        return {}["missing"]


class TellingEngine(TinyEngine):
    """Names its folder in errors, foreseen ones for a seed of 1."""

    def generate(self, *given: Any, **__: Any) -> Any:
        detail = f"cannot read {self._cache / 'x.npy'}"
        error = InvalidInput(detail, field="x", value=self._cache)
        raise error if given[2] == 1 else OSError(detail)


class SlowEngine(TinyEngine):
    """Is slow, and reports its progress."""

    def generate(self, *given: Any, progress: Progress = silent, **named: Any) -> Any:
        sources, weights, seed, length, tell = (*given, progress)[:5]
        for percent in range(0, 40, 2):
            tell(percent)
            time.sleep(0.1)
        return super().generate(sources, weights, seed, length, tell)


def _samples(source: Source) -> Any:
    decoded = decode(source.path)
    if decoded.rate != RATE:
        raise AudioError("this engine does not resample", field="audio.rate", value=decoded.rate)
    return decoded.samples[:, [0, -1]].astype(np.float64)


def _track(mix: Any) -> Any:
    return np.clip(np.rint(mix * 32_768), -32_768, 32_767).astype(np.int16)
