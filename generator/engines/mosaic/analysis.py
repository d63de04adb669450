"""Analyses a decoded recording: separates its layers and writes its analysis record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.attribution.trace import UNITY
from generator.audio.decode import RATE
from generator.audio.prepared import Prepared
from generator.engines.base import Progress, silent
from generator.engines.mosaic import features, layer_levels
from generator.engines.mosaic.analysis_record import ENGINE, VERSION
from generator.engines.mosaic.attacks import attacks, block_energy, quiet_ends
from generator.engines.mosaic.beats import Beats, track, track_nothing
from generator.engines.mosaic.constants import PRE_ROLL
from generator.engines.mosaic.layers import frame_count, separate
from generator.engines.mosaic.meter import Meter
from generator.engines.mosaic.spectra import Bands, chroma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    LayerArray = NDArray[np.int32]

FEWEST = 2
"""Level-1 grains that a recording needs; the fixed lattice gives enough for any 2 s."""
SLOWEST, FASTEST = 60, 120
"""Tempo range of level 1 in beats a minute; the upper end is excluded."""


def analyse(
    signal: Prepared, meter: Meter, layers: LayerArray, progress: Progress = silent
) -> dict[str, Any]:
    """Write the layers of a recording and return its record.

    Args:
        signal: the recording; it is read once.
        meter: listens to the signal.
        layers: (2, samples, 2) int32, the output.

    Raises:
        AudioError: nothing is heard, or the recording is too quiet for the loudness gate.
    """
    bands = Bands(frame_count(len(signal)))
    separate(signal, layers, bands.listen)
    meter.require_sound()
    gain = meter.playing_gain()
    progress(60)
    harmonic, percussive = bands.collected()
    energy = block_energy(layers[1])
    rises = attacks(energy)
    beats = track(harmonic, percussive, rises, len(signal))
    progress(70)
    classes = chroma(layers[0])
    heard = features.Heard(
        harmonic=harmonic,
        percussive=percussive,
        chroma=classes,
        energy=energy,
        rises=rises,
        weighted=layer_levels.weighted(layers),
        peaks=layer_levels.block_peaks(layers),
        gain=gain / UNITY,
    )
    progress(90)
    return _record(signal.digest, heard, beats, gain, len(signal))


def _record(
    digest: str, heard: features.Heard, beats: Beats, gain: int, samples: int
) -> dict[str, Any]:
    coarse, fine = lattices(heard, beats, samples)
    if len(coarse) < FEWEST:
        beats = track_nothing(heard.harmonic + heard.percussive, samples, beats.confidence)
        coarse, fine = lattices(heard, beats, samples)
    levels = {"1": _level(heard, coarse), "2": _level(heard, fine)}
    return {
        "refrain_record": 1,
        "engine": ENGINE,
        "version": VERSION,
        "samples": digest,
        "frames": samples,
        "gain": gain,
        "gain_centibels": features.decibels_of(gain / UNITY),
        "confidence": round(max(0.0, beats.confidence) * 1_000_000),
        "tracked": int(beats.tracked),
        "millibpm": _millibpm(beats),
        "key": _key(levels["1"]["harmonic"]),
        "levels": levels,
    }


def _millibpm(beats: Beats) -> int:
    bpm = round(60_000 * RATE / beats.period)
    while bpm >= FASTEST * 1000:
        bpm //= 2
    while bpm < SLOWEST * 1000:
        bpm *= 2
    return bpm


def lattices(heard: features.Heard, beats: Beats, samples: int) -> tuple[Integers, Integers]:
    """Starts of the grains of level 1 and of level 2, ascending.

    Grains begin 10 ms before a beat, so the first beat is at least 10 ms after the start.
    """
    frames = beats.frames[(beats.frames >= PRE_ROLL) & (beats.frames < samples)]
    period = beats.period
    if period > 60 * RATE / SLOWEST:
        frames, period = _with_middles(frames), period / 2
    if period > 60 * RATE / FASTEST:
        return frames, _with_middles(frames)
    return frames[_parity(heard, frames) :: 2], frames


def _with_middles(frames: Integers) -> Integers:
    import numpy as np

    return np.sort(np.concatenate([frames, (frames[:-1] + frames[1:]) // 2]))


def _parity(heard: features.Heard, fine: Integers) -> int:
    """0 if the slow beats are the even fast beats, 1 if the odd: harmony changes on slow beats."""
    return _phase(features.harmonic_features(heard, fine - PRE_ROLL), 2)


def _phase(harmonic: Integers, cycle: int) -> int:
    """The index modulo `cycle` at which a grain's harmony differs most from the grain before."""
    import numpy as np

    novelty = np.abs(np.diff(harmonic[:, -12:], axis=0)).sum(axis=1)
    sums = [int(novelty[(phase - 1) % cycle :: cycle].sum()) for phase in range(cycle)]
    counts = [max(1, len(novelty[(phase - 1) % cycle :: cycle])) for phase in range(cycle)]
    means = [total // count for total, count in zip(sums, counts, strict=True)]
    return means.index(max(means))


def _level(heard: features.Heard, starts: Integers) -> dict[str, Any]:
    bounds = starts - PRE_ROLL
    harmonic = features.harmonic_features(heard, bounds)
    return {
        "starts": starts.tolist(),
        "ends": quiet_ends(heard.rises, starts).tolist(),
        "phase": _phase(harmonic, 4),
        "harmonic": harmonic.tolist(),
        "percussive": features.percussive_features(heard, bounds).tolist(),
        "powers": layer_levels.powers(heard.weighted, bounds).tolist(),
        "peaks": layer_levels.peaks(heard.peaks, bounds).tolist(),
    }


def _key(harmonic: list[list[int]]) -> list[int]:
    """Mean over all grains of the square roots of the pitch classes, in millionths of their sum."""
    sums = [sum(grain[-12:][note] for grain in harmonic) for note in range(12)]
    total = max(1, sum(sums))
    return [value * 1_000_000 // total for value in sums]
