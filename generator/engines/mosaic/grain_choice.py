"""Chooses the grain for each beat of a layer by integer costs and a seeded stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic.quota import BAR, Chunk
from generator.engines.mosaic.random_stream import Stream
from generator.engines.mosaic.reference_part import APART, FAINTEST, HARMONIC, Grid, Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

LONGEST_RUN = 8 * RATE
"""The most frames that one layer copies from one place of a reference without a jump."""
LONGEST_TOGETHER = 4 * RATE
"""The most frames that both layers copy from the same place of a reference."""
FORBIDDEN = 1 << 40
SILENT = 1 << 30
OFF_BAR = 1 << 20
AGAIN = 300
"""Cost of each earlier use of a grain, in hundredths of a decibel, as the cost of a join."""
NEAR = 200
"""Grains within this cost of the cheapest one are equally good."""
MOST_CHOICES = 8


@dataclass(frozen=True)
class Slot:
    """One beat of a layer: the component and its grain."""

    component: int
    grain: int


@dataclass
class Chooser:
    """Chooses the grains of one layer from left to right.

    Args:
        layer: 0 harmonic, 1 percussive.
        parts: by component.
        other: slots of the layer chosen before, so that both do not copy the same place.
    """

    layer: int
    parts: Mapping[int, Part]
    grid: Grid
    stream: Stream
    other: Sequence[Slot] = ()
    slots: list[Slot] = field(default_factory=list)
    used: dict[Slot, int] = field(default_factory=dict)

    def fill(self, chunks: Sequence[Chunk]) -> list[Slot]:
        """Slots for all beats of the chunks."""
        for chunk in chunks:
            part, left = self.parts[chunk.component], chunk.beats
            while left:
                beats = min(left, part.grains)
                first, cost = self._choose(part, beats)
                if beats > 1 and cost >= SILENT:
                    beats, first = 1, self._choose(part, 1)[0]
                self._lay(part.component, first, beats)
                left -= beats
        return self.slots

    def _lay(self, component: int, first: int, beats: int) -> None:
        for grain in range(first, first + beats):
            slot = Slot(component, grain)
            self.slots.append(slot)
            self.used[slot] = self.used.get(slot, 0) + 1

    def _choose(self, part: Part, beats: int) -> tuple[int, int]:
        """The first of so many grains that follow each other, and the cost of the cheapest."""
        import numpy as np

        costs = self._costs(part, beats, part.grains - beats + 1)
        order = np.argsort(costs, kind="stable")[:MOST_CHOICES]
        near = [int(grain) for grain in order if costs[grain] <= costs[order[0]] + NEAR]
        return near[self.stream.below(len(near))], int(costs[order[0]])

    def _costs(self, part: Part, beats: int, starts: int) -> Integers:
        import numpy as np

        costs = np.zeros(starts, dtype=np.int64)
        costs += np.where(part.fits(len(self.slots))[:starts], 0, OFF_BAR)
        costs += self._lengths(part)[:starts]
        costs += self._join(part)[:starts]
        for step in range(beats):
            grains = np.arange(starts) + step
            costs += np.where(self._lost(part, len(self.slots) + step)[grains], SILENT, 0)
            uses = [self.used.get(Slot(part.component, int(grain)), 0) for grain in grains]
            costs += AGAIN * np.array(uses, dtype=np.int64)
        for start in self._banned(part, beats, starts):
            costs[start] += FORBIDDEN
        return costs

    def _lost(self, part: Part, beat: int) -> NDArray[np.bool_]:
        """The grains that would not be heard in a beat, or drown what the other layer has there."""
        power = part.power[self.layer]
        lost = (power <= FAINTEST) | part.wild[self.layer]
        if beat < len(self.other):
            slot = self.other[beat]
            beside = int(self.parts[slot.component].power[1 - self.layer][slot.grain])
            lost |= abs(power - beside) > APART
        return lost

    def _lengths(self, part: Part) -> Integers:
        """Difference in length of each grain from a beat, in hundredths of a per cent."""
        import numpy as np

        beat = 60 * RATE // self.grid.bpm
        return np.abs(np.diff(part.level.starts) - beat) * 10_000 // beat

    def _join(self, part: Part) -> Integers:
        """Mean difference of features between each grain and the natural continuation."""
        import numpy as np

        features = _features(part, self.layer)
        expected = self._expected()
        if expected is None:
            return np.zeros(len(features), dtype=np.int64)
        return np.abs(features - expected).sum(axis=1) // features.shape[1]

    def _expected(self) -> Integers | None:
        if not self.slots:
            return None
        before = self.slots[-1]
        features = _features(self.parts[before.component], self.layer)
        return features[min(before.grain + 1, len(features) - 1)]

    def _banned(self, part: Part, beats: int, starts: int) -> list[int]:
        """Starts that would make a verbatim run longer than the limits."""
        banned = []
        if self.slots and self.slots[-1].component == part.component:
            following = self.slots[-1].grain + 1
            run = self._run(self.slots) + beats
            if following < starts and run * self._beat() > LONGEST_RUN:
                banned.append(following)
        here = len(self.slots)
        for step in range(min(beats, len(self.other) - here)):
            slot = self.other[here + step]
            start = slot.grain - step
            together = self._together(Slot(part.component, start), beats)
            if slot.component == part.component and 0 <= start < starts:
                banned += [start] if together * self._beat() > LONGEST_TOGETHER else []
        return banned

    def _beat(self) -> int:
        return 60 * RATE // self.grid.bpm

    def _run(self, slots: Sequence[Slot]) -> int:
        """Beats of the contiguous run that ends the slots."""
        length = 1
        while length < len(slots) and _follows(slots[-length - 1], slots[-length]):
            length += 1
        return length

    def _together(self, first: Slot, beats: int) -> int:
        """Longest run, in beats, in which both layers would play the same grains."""
        planned = [Slot(first.component, first.grain + step) for step in range(beats)]
        longest = run = 0
        start = max(0, len(self.slots) - 4 * BAR)
        for beat, slot in enumerate([*self.slots[start:], *planned], start):
            same = beat < len(self.other) and self.other[beat] == slot
            run = run + 1 if same else 0
            longest = max(longest, run)
        return longest


def _features(part: Part, layer: int) -> Integers:
    """Features of the grains as played: pitch classes moved by the part's shift."""
    return transposed(part) if layer == HARMONIC else part.level.percussive


def transposed(part: Part) -> Integers:
    """Harmonic features, (G, 36), with the pitch classes moved by the shift."""
    import numpy as np

    mel, classes = part.level.harmonic[:, :-12], part.level.harmonic[:, -12:]
    return np.concatenate([mel, np.roll(classes, part.shift, axis=1)], axis=1)


def _follows(one: Slot, other: Slot) -> bool:
    return one.component == other.component and one.grain + 1 == other.grain
