"""How a track is arranged: its sections with level and drums, its cadence, who plays when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from generator.engines.mosaic import local_key
from generator.engines.mosaic.form import (
    Block,
    Casting,
    Chunk,
    blocks_of,
    chunks_of,
    phrases_of,
    sections,
    shape,
)
from generator.engines.mosaic.grain_choice import Taste
from generator.engines.mosaic.random_stream import Stream
from generator.engines.mosaic.reference_part import Grid, Part
from oracle.domain.plan import BAR, UNITY, Plan, Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

LEVELS = {"intro": 41_350, "A": 52_057, "B": 58_409, "A'": UNITY, "outro": 46_396, "whole": UNITY}
"""Gain of each section in 1/65,536: -4, -2, -1, 0, -3 and 0 dB."""
DENSITIES = {"intro": 500, "A": 1_000, "B": 1_000, "A'": 1_000, "outro": 500, "whole": 1_000}
"""Thousandths of the beats in which the percussive layer plays."""
RISE = 20_000
"""Level of the first section of a track that builds: -10 dB; the last one has 0 dB."""
ORDER = (0, 2, 1, 3)
"""The beats of a bar in the order in which the percussive layer gets them as density grows."""


def plan_of(beats: int, controls: Mapping[str, int], drums_needed: bool) -> Plan:
    """The sections of a track.

    Args:
        controls: -1 or 1 by name; see docs/formats/mosaic.md.
        drums_needed: some reference can be heard in the percussive layer only, so that layer plays
            in every beat whatever the controls say.
    """
    named = shape(beats)
    values = {
        name: (
            _level(name, index, len(named), controls),
            1_000 if drums_needed else _density(name, controls),
            int(drums_needed or controls.get("drums", 0) >= 0),
        )
        for index, (name, _) in enumerate(named)
    }
    return sections(named, values)


def _level(name: str, index: int, count: int, controls: Mapping[str, int]) -> int:
    if controls.get("build", 0) > 0 and count > 1:
        return RISE + (UNITY - RISE) * index // (count - 1)
    if controls.get("energy", 0) < 0:
        return (LEVELS[name] + UNITY) // 2
    return LEVELS[name]


def _density(name: str, controls: Mapping[str, int]) -> int:
    """A track that is calm or sparse has half of the beats; a dense one has all."""
    if controls.get("density", 0) > 0 or controls.get("drums", 0) > 0:
        return 1_000
    thin = controls.get("density", 0) < 0 or controls.get("energy", 0) < 0
    return DENSITIES[name] // 2 if thin else DENSITIES[name]


@dataclass(frozen=True)
class Arrangement:
    """The plan of a track on its grid.

    Args:
        taste: what the grains should be like.
    """

    grid: Grid
    plan: Plan
    taste: Taste

    @cached_property
    def levels(self) -> list[int]:
        """Level of the section of each beat, in 1/65,536."""
        return [section.level for section in self._sections]

    @cached_property
    def plays(self) -> list[bool]:
        """Whether the percussive layer plays in each beat."""
        return [_plays(section, beat) for beat, section in enumerate(self._sections)]

    @cached_property
    def _sections(self) -> list[Section]:
        laid = [section for section in self.plan for _ in range(section.bars * BAR)]
        return laid[: self.grid.beats]

    @cached_property
    def _blocks(self) -> list[Block]:
        return blocks_of(self.plan, self.grid.beats)

    @property
    def beats(self) -> tuple[int, int]:
        """Beats in which each layer plays."""
        return self.grid.beats, sum(self.plays)

    def cast(
        self, counts: tuple[list[int], list[int]], stream: Stream
    ) -> tuple[list[int], list[int]]:
        """The component of each beat of each layer.

        Args:
            counts: beats per component in the harmonic and in the percussive layer.
        """
        lead = Casting(list(counts[0]), [True] * self.grid.beats)
        harmonic = lead.cast(phrases_of(self._blocks), stream)
        drums = Casting(list(counts[1]), self.plays, harmonic)
        return harmonic, drums.cast(lead.laid, stream)

    def chunks(self, owners: Sequence[int]) -> list[Chunk]:
        """The beats of a layer as chunks within bars."""
        return chunks_of(owners, self._blocks)


def arrange(
    grid: Grid,
    parts: Sequence[Part],
    weights: Sequence[int],
    able: Sequence[tuple[bool, bool]],
    controls: Mapping[str, int],
) -> Arrangement:
    """The arrangement of a track, before anybody is cast.

    Args:
        weights: k of them, sum 1,000,000.
        able: whether each is heard in the harmonic and in the percussive layer.
        controls: -1 or 1 by name; see docs/formats/mosaic.md.
    """
    drums_needed = not all(harmonic for harmonic, _ in able)
    return Arrangement(
        grid=grid,
        plan=plan_of(grid.beats, controls, drums_needed=drums_needed),
        taste=Taste(cadence(parts, weights, grid.beats), controls.get("brightness", 0)),
    )


def cadence(parts: Sequence[Part], weights: Sequence[int], beats: int) -> dict[int, Integers]:
    """The dominant in the two beats before the last bar begins, then the tonic."""
    import numpy as np

    heard = [part.transposed[:, -12:].mean(axis=0).astype(np.int64) for part in parts]
    key = sum(weight * row for weight, row in zip(weights, heard, strict=True))
    tonic, minor = local_key.tonic_of([int(level) for level in key])
    last = (beats - 1) // BAR * BAR
    dominant = {beat: local_key.triad(tonic + 7, minor=False) for beat in range(last - 2, last)}
    final = {beat: local_key.triad(tonic, minor=minor) for beat in range(last, beats)}
    return {beat: chord for beat, chord in (dominant | final).items() if beat >= 0}


def _plays(section: Section, beat: int) -> bool:
    heard = -(-section.density * BAR // 1_000)
    return bool(section.drums) and ORDER[beat % BAR] < heard
