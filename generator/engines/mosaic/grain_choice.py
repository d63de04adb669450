"""Chooses the grain for each beat of a layer by integer costs and a seeded stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic import local_key
from generator.engines.mosaic.form import Chunk
from generator.engines.mosaic.random_stream import Stream
from generator.engines.mosaic.reference_part import APART, FAINTEST, HARMONIC, Grid, Part
from generator.engines.mosaic.resampler import source_frames
from generator.engines.mosaic.slot import Slot
from generator.engines.mosaic.spectra import BANDS
from oracle.domain.plan import BAR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

LONGEST_RUN = 8 * RATE
"""The most frames that one layer copies from one place of a reference without a jump."""
LONGEST_TOGETHER = 2 * RATE
"""The most frames that both layers copy from the same place of a reference."""
LONGEST_ALONE = 4 * RATE
"""The same for a track of one reference."""
FORBIDDEN = 1 << 40
SILENT = 1 << 30
OFF_BAR = 1 << 20
AGAIN = 300
"""Cost of each earlier use of a grain, in hundredths of a decibel, as the cost of a join."""
NEAR = 200
"""Grains within this cost of the cheapest one are equally good."""
MOST_CHOICES = 8


@dataclass(frozen=True)
class Taste:
    """What a track wants of its grains beside smooth joins.

    Args:
        goals: pitch classes that single beats should have, by beat: the cadence.
        brightness: -1 prefers dark grains, 1 bright ones.
    """

    goals: Mapping[int, Integers]
    brightness: int = 0


@dataclass
class Chooser:
    """Chooses the grains of one layer from left to right.

    Args:
        layer: 0 harmonic, 1 percussive.
        parts: by component.
        taste: what the track wants of its grains.
        other: slots of the layer chosen before, so that both do not copy the same place.
    """

    layer: int
    parts: Mapping[int, Part]
    grid: Grid
    stream: Stream
    taste: Taste
    other: Sequence[Slot] = ()
    slots: list[Slot] = field(default_factory=list)
    used: dict[Slot, int] = field(default_factory=dict)

    def fill(self, chunks: Sequence[Chunk]) -> list[Slot]:
        """Slots for all beats of the chunks."""
        for index, chunk in enumerate(chunks):
            if chunk.again >= 0:
                for slot in self.slots[chunk.again : chunk.again + chunk.beats]:
                    self._lay(slot.component, slot.grain, 1)
                continue
            following = chunks[index + 1].again if index + 1 < len(chunks) else -1
            part = self.parts[chunk.component]
            self._play(part, chunk.beats, self.slots[following] if following >= 0 else None)
        return self.slots

    def _play(self, part: Part, beats: int, before: Slot | None) -> None:
        """Lay beats of a reference in as few runs as its length and the limits allow.

        Args:
            before: the repeated slot that comes after these beats, if one does.
        """
        size = min(beats, part.grains)
        first, cost = self._choose(part, size, before if size == beats else None)
        while cost >= SILENT and size > 1:
            size //= 2
            first, cost = self._choose(part, size, None)
        self._lay(part.component, first, size)
        if beats > size:
            self._play(part, beats - size, before)

    def _lay(self, component: int, first: int, beats: int) -> None:
        for grain in range(first, first + beats):
            slot = Slot(component, grain)
            self.slots.append(slot)
            self.used[slot] = self.used.get(slot, 0) + 1

    def _choose(self, part: Part, beats: int, before: Slot | None) -> tuple[int, int]:
        """First grain of the chosen run, and its cost."""
        import numpy as np

        costs = self._costs(part, beats, part.grains - beats + 1)
        for start in self._banned(part, beats, len(costs), before):
            costs[start] += FORBIDDEN
        order = np.argsort(costs, kind="stable")[:MOST_CHOICES]
        near = [int(grain) for grain in order if costs[grain] <= costs[order[0]] + NEAR]
        chosen = near[self.stream.below(len(near))]
        return chosen, int(costs[chosen])

    def _costs(self, part: Part, beats: int, starts: int) -> Integers:
        import numpy as np

        costs = np.zeros(starts, dtype=np.int64)
        costs += np.where(part.fits(len(self.slots))[:starts], 0, OFF_BAR)
        costs += self._lengths(part)[:starts]
        costs += self._join(part)[:starts]
        costs += self._key(part)[:starts]
        costs += self._shade(part)[:starts]
        for step in range(beats):
            grains = np.arange(starts) + step
            costs += np.where(self._lost(part, len(self.slots) + step)[grains], SILENT, 0)
            uses = [self.used.get(Slot(part.component, int(grain)), 0) for grain in grains]
            costs += AGAIN * np.array(uses, dtype=np.int64)
            costs += self._goal(part, len(self.slots) + step)[grains]
        return costs

    def _key(self, part: Part) -> Integers:
        """How far the key from each grain on is from the key of the last two bars."""
        import numpy as np

        if self.layer != HARMONIC or not self.slots or self.slots[-1].component == part.component:
            return np.zeros(part.grains, dtype=np.int64)
        last = [
            self.parts[slot.component].transposed[slot.grain, -12:]
            for slot in self.slots[-local_key.WINDOW :]
        ]
        far = local_key.distance(part.key_ahead, local_key.behind(last))
        return far * local_key.WORTH // local_key.MILLION

    def _goal(self, part: Part, beat: int) -> Integers:
        """How far each grain is from the chord that the cadence wants in a beat."""
        import numpy as np

        if self.layer != HARMONIC or beat not in self.taste.goals:
            return np.zeros(part.grains, dtype=np.int64)
        classes = local_key.powers(part.transposed[:, -12:])
        far = local_key.distance(classes, self.taste.goals[beat])
        return far * local_key.WORTH // (2 * local_key.MILLION)

    def _shade(self, part: Part) -> Integers:
        """Cost of grains that are dark where bright ones are wanted, or the other way round."""
        import numpy as np

        if not self.taste.brightness:
            return np.zeros(part.grains, dtype=np.int64)
        bands = part.features(self.layer)[:, :BANDS]
        tilt = bands[:, BANDS // 2 :].sum(axis=1) - bands[:, : BANDS // 2].sum(axis=1)
        tilt = self.taste.brightness * tilt * 2 // BANDS
        return (tilt.max() - tilt) // 2

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

        beat = source_frames(60 * RATE // self.grid.bpm, part.step(self.layer))
        return np.abs(np.diff(part.level.starts) - beat) * 10_000 // beat

    def _join(self, part: Part) -> Integers:
        """Mean difference of features between each grain and the natural continuation."""
        import numpy as np

        features = part.features(self.layer)
        expected = self._expected()
        if expected is None:
            return np.zeros(len(features), dtype=np.int64)
        return np.abs(features - expected).sum(axis=1) // features.shape[1]

    def _expected(self) -> Integers | None:
        if not self.slots:
            return None
        before = self.slots[-1]
        features = self.parts[before.component].features(self.layer)
        return features[min(before.grain + 1, len(features) - 1)]

    def _banned(self, part: Part, beats: int, starts: int, before: Slot | None) -> list[int]:
        """Starts that would make a verbatim run longer than the limits."""
        banned = []
        if self.slots and self.slots[-1].component == part.component:
            following = self.slots[-1].grain + 1
            run = self._run(self.slots) + beats
            if following < starts and run * self._beat() > LONGEST_RUN:
                banned.append(following)
        if before is not None and before.component == part.component:
            banned += [before.grain - beats] if 0 <= before.grain - beats < starts else []
        limit = LONGEST_TOGETHER if len(self.parts) > 1 else LONGEST_ALONE
        here = len(self.slots)
        for start in {
            slot.grain - step for step, slot in enumerate(self.other[here : here + beats])
        }:
            if 0 <= start < starts and self._together(part, start, beats) * self._beat() > limit:
                banned.append(start)
        return banned

    def _beat(self) -> int:
        return 60 * RATE // self.grid.bpm

    def _run(self, slots: Sequence[Slot]) -> int:
        """Beats of the contiguous run that ends the slots."""
        length = 1
        while length < len(slots) and _follows(slots[-length - 1], slots[-length]):
            length += 1
        return length

    def _together(self, part: Part, first: int, beats: int) -> int:
        """Longest run, in beats, in which both layers would play one place on."""
        planned = [Slot(part.component, first + step) for step in range(beats)]
        start = max(0, len(self.slots) - 4 * BAR)
        longest = run = 0
        last = None
        for beat, slot in enumerate([*self.slots[start:], *planned], start):
            same = beat < len(self.other) and self.other[beat] == slot
            on = last is not None and _follows(last, slot)
            run = (run + 1 if on else 1) if same else 0
            longest, last = max(longest, run), slot if same else None
        return longest


def _follows(one: Slot, other: Slot) -> bool:
    return one.component == other.component and one.grain + 1 == other.grain
