"""Which reference sounds in which unit, found from the finished audio alone.

Tempo, beats and shifts are known; draws and edits are not. Harmonic units are compared by features
without their level, percussive units by whitened cross-correlation with the references' grains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.attribution.trace import Trace
from generator.engines.mosaic import features, layer_levels
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.attacks import attacks, block_energy
from generator.engines.mosaic.constants import PRE_ROLL
from generator.engines.mosaic.layers import frame_count, separate
from generator.engines.mosaic.reference_part import HARMONIC, PERCUSSIVE, Grid, Part, part_of
from generator.engines.mosaic.spectra import Bands, chroma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WINDOW = 8192
"""Frames of a percussive unit that are correlated, from 10 ms before its beat on."""
LAG = 512
"""Frames by which a grain may lie off its place."""


@dataclass(frozen=True)
class Guess:
    """What was found of one track.

    Args:
        variation: total variation of the guessed shares from the realised ones.
        right: shares of the paid units of each layer whose reference was found.
    """

    variation: float
    right: tuple[float, float]


def guess(track: Any, trace: Trace, records: Sequence[Any], layers: Mapping[int, Any]) -> Guess:
    """Guess the reference of each unit of a track.

    Args:
        track: int16 of shape (frames, 2).
        records: the references' analysis records in the trace's order.
        layers: component to (2, frames, 2) int32.
    """
    grid = Grid(trace.frames, trace.bpm, len(trace.draws) // 2)
    terms = enumerate(zip(records, trace.references, strict=True), 1)
    parts = [
        part_of(read_record(record), component, reference.shift, trace.bpm)
        for component, (record, reference) in terms
    ]
    found = _Analysed(track, grid)
    guesses = found.harmonic(parts), found.percussive(parts, layers)
    return _judged(trace, grid, guesses, found.heard())


class _Analysed:
    """The layers of a finished track and their features, beat by beat."""

    def __init__(self, track: Any, grid: Grid) -> None:
        import numpy as np

        signal = track / 32_768
        self.layers = np.zeros((2, len(signal), 2), dtype=np.int32)
        bands = Bands(frame_count(len(signal)))
        separate(signal, self.layers, bands.listen)
        classes = chroma(self.layers[0])
        energy = block_energy(self.layers[1])
        self.bounds = np.array([grid.bound(beat) for beat in range(grid.beats + 1)])
        self.measured = features.Heard(
            *bands.collected(), classes, energy, attacks(energy),
            layer_levels.weighted(self.layers), layer_levels.block_peaks(self.layers), 1.0,
        )  # fmt: skip

    def heard(self) -> Any:
        """Whether each layer is heard in the mix of each beat, (2, beats)."""
        powers = layer_levels.powers(self.measured.weighted, self.bounds)
        return powers > powers[::-1] - 2_000

    def harmonic(self, parts: Sequence[Part]) -> Any:
        """The component of each harmonic unit, (beats,)."""
        import numpy as np

        units = _shape(features.harmonic_features(self.measured, self.bounds))
        misses = [_nearest(units, _shape(part.features(HARMONIC))) for part in parts]
        return 1 + np.argmin(np.stack(misses), axis=0)

    def percussive(self, parts: Sequence[Part], layers: Mapping[int, Any]) -> Any:
        """The component of each percussive unit, (beats,)."""
        import numpy as np

        units = _spectra(self.layers[PERCUSSIVE], self.bounds[:-1])
        scores = [
            _likest(units, _spectra(layers[part.component][PERCUSSIVE],
                                    part.level.starts[:-1] - PRE_ROLL))
            for part in parts
        ]  # fmt: skip
        return 1 + np.argmax(np.stack(scores), axis=0)


def _shape(rows: Any) -> Floats:
    """Harmonic features without their level: bands relative to their mean, then pitch classes."""
    import numpy as np

    bands = rows[:, :24] - rows[:, :24].mean(axis=1, keepdims=True)
    return np.concatenate([bands / 100, rows[:, 24:] / 20], axis=1)


def _nearest(units: Floats, grains: Floats) -> Floats:
    """Distance of each unit to the nearest grain."""
    import numpy as np

    return np.array([np.square(grains - unit).mean(axis=1).min() for unit in units])


def _spectra(layer: Any, starts: Any) -> Any:
    """Whitened spectra of the mono sound from each start on, (starts, bins) complex."""
    import numpy as np

    padded = np.concatenate([layer.sum(axis=1), np.zeros(WINDOW)]) / 2.0**24
    rows = np.stack([padded[max(0, at) : max(0, at) + WINDOW] for at in starts.tolist()])
    spectra = np.fft.rfft(rows * np.hanning(2 * WINDOW)[WINDOW:], 2 * WINDOW).astype(np.complex64)
    return spectra / (np.abs(spectra) + 1e-3)


def _likest(units: Any, grains: Any) -> Floats:
    """The highest correlation of each unit with any grain, (units,)."""
    import numpy as np

    best = []
    for unit in units:
        peaks = np.fft.irfft(np.conj(grains) * unit)
        best.append(max(peaks[:, :LAG].max(), peaks[:, -LAG:].max()))
    return np.array(best)


def _judged(trace: Trace, grid: Grid, guesses: Sequence[Any], heard: Any) -> Guess:
    size = len(trace.prior)
    said, real = [0.0] * size, [0] * size
    right, paid = [0, 0], [0, 0]
    for unit, (draw, frames) in enumerate(zip(trace.draws, trace.frames_drawn, strict=True)):
        beat, layer = divmod(unit, 2)
        found = int(guesses[layer][beat])
        said[found] += (grid.bound(beat + 1) - grid.bound(beat)) * bool(heard[layer][beat])
        real[draw] += frames
        if frames:
            paid[layer] += 1
            right[layer] += found == draw
    total, all_said = sum(real) or 1, sum(said) or 1.0
    miss = sum(abs(a / all_said - b / total) for a, b in zip(said, real, strict=True)) / 2
    return Guess(miss, (right[0] / max(1, paid[0]), right[1] / max(1, paid[1])))
