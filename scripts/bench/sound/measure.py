"""Makes one track and measures it, and measures its references in the same way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from generator.attribution.trace import HARMONIC, LAYERS, MILLION, PERCUSSIVE, UNITY, Trace
from generator.audio.decode import RATE
from generator.engines.base import Generated, Source
from generator.engines.mosaic import Mosaic, quality, render
from generator.engines.mosaic.cache import Store
from generator.engines.mosaic.quota import largest_remainder
from scripts.bench.sound import harmony, joins, returns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LENGTH = 30
SHARES = (5, 3, 2)


@dataclass(frozen=True)
class Song:
    """A reference as it is: one minute of it."""

    attacks: quality.Attacks
    clashes: list[bool]
    returns: float
    tracked: bool


@dataclass(frozen=True)
class Measured:
    """One track.

    Args:
        speed: seconds of track made in a second of the processor, the analysis excluded.
        together: longest stretch, in seconds, in which both layers copy one place.
        drums: loudness of the percussive stem over that of the harmonic one, in decibels.
    """

    made: Generated
    speed: float
    roughness: list[float]
    dips: list[joins.Dip]
    attacks: quality.Attacks
    clashes: list[bool]
    returns: float
    shared: float
    together: float
    drums: float
    miss: float
    lufs: float
    peak: float
    songs: list[Song] = field(default_factory=list)

    @property
    def trace(self) -> Trace:
        """The track's trace."""
        return self.made.trace


def measure(engine: Mosaic, store: Store, sources: Sequence[Source], seed: int) -> Measured:
    """Make one track and measure it."""
    import numpy as np
    import pyloudnorm
    from scipy.signal import resample_poly

    for source in sources:
        engine.analyse(source)
    weights = largest_remainder(SHARES[: len(sources)], MILLION)
    before = time.process_time()
    made = engine.generate(sources, weights, seed, LENGTH)
    took = time.process_time() - before
    track = made.track / 32768
    layers = {number: store.layers(source.audio) for number, source in enumerate(sources, 1)}
    classes = harmony.pitch_classes(track)
    table = returns.description(track, classes, harmony.HOP)
    return Measured(
        made=made,
        speed=LENGTH / took,
        roughness=quality.join_ratios(made.trace, layers),
        dips=joins.dips(made.trace, layers),
        attacks=quality.attack_report(made.trace, layers),
        clashes=harmony.clashes(classes, changes(made.trace)),
        returns=returns.best_return(table),
        shared=returns.shared_changes(made.trace),
        together=together(made.trace) / RATE,
        drums=drum_level(made.trace, layers),
        miss=realised_miss(made.trace),
        lufs=pyloudnorm.Meter(RATE).integrated_loudness(track),
        peak=20 * float(np.log10(np.max(np.abs(resample_poly(track, 8, 1, axis=0))))),
        songs=[song(engine, store, source) for source in sources],
    )


def changes(trace: Trace) -> list[tuple[int, int, int]]:
    """First frame, frame of the change and last frame, for each change of harmonic reference."""
    edits = [edit for edit in trace.edits if edit.layer == HARMONIC]
    runs: list[tuple[int, int]] = []
    for edit in edits:
        if not runs or runs[-1][1] != edit.component:
            runs.append((edit.start, edit.component))
    starts = [start for start, _ in runs] + [trace.frames]
    return [(starts[i - 1], starts[i], starts[i + 1]) for i in range(1, len(runs))]


def together(trace: Trace) -> int:
    """Longest stretch in which both layers copy one place of one reference at one speed."""
    layers = [[edit for edit in trace.edits if edit.layer == name] for name in LAYERS]
    longest = 0
    for one in layers[0]:
        for other in layers[1]:
            same = (one.component, one.step) == (other.component, other.step)
            first = max(one.start, other.start)
            last = min(one.start + one.length, other.start + other.length)
            if same and first < last:
                places = [e.source + (first - e.start) * e.step // 1024 for e in (one, other)]
                near = abs(places[0] - places[1]) < RATE // 50
                longest = max(longest, (last - first) * near)
    return longest


def drum_level(trace: Trace, layers: render.Layers) -> float:
    """Mean square of the percussive stem over that of the harmonic one, in decibels."""
    import numpy as np

    powers = []
    for name in (PERCUSSIVE, HARMONIC):
        edits = [edit for edit in trace.edits if edit.layer == name]
        stem = render.mix(render.pieces(edits, layers), trace.frames)
        powers.append(max(float(np.mean(np.square(stem))), 1e-12))
    return 10 * float(np.log10(powers[0] / powers[1]))


def realised_miss(trace: Trace) -> float:
    """Total variation between the requested weights and the frames that are heard."""
    frames = [0] * len(trace.prior)
    for component, count in zip(trace.draws, trace.frames_drawn, strict=True):
        frames[component] += count
    total = sum(frames) or 1
    pairs = zip(frames, trace.prior, strict=True)
    return sum(abs(count / total - asked / MILLION) for count, asked in pairs) / 2


@cache
def song(engine: Mosaic, store: Store, source: Source) -> Song:
    """A reference's second minute, or all of it if it is shorter."""
    import numpy as np

    record: Any = engine.analyse(source).record
    layers = store.layers(source.audio)
    first = 60 * RATE if layers.shape[1] > 120 * RATE else 0
    part = np.asarray(layers[:, first : first + 60 * RATE])
    sound = part.sum(axis=0) / 2.0**23 * (record["gain"] / UNITY)
    starts = np.array(record["levels"]["1"]["starts"])
    inside = starts[(starts > first) & (starts < first + 60 * RATE)] - first
    classes = harmony.pitch_classes(sound)
    return Song(
        attacks=quality.attacks_at(part[1], inside[1:].tolist()),
        clashes=harmony.clashes(classes, harmony.every(len(sound), 2 * RATE)),
        returns=returns.best_return(returns.description(sound, classes, harmony.HOP)),
        tracked=bool(record["tracked"]),
    )
