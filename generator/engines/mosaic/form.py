"""The form of a track: sections, bars that return, and who plays which phrase within the quota.

A section A returns as A', bar for bar. The bars of a track are therefore composed as blocks, each
laid at one or more places. Both layers share the blocks and their phrases, so that they change at
the same bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.engines.mosaic.random_stream import Stream
from oracle.domain.plan import BAR, Plan, Section

BLOCK = 4
"""Bars of a block at most."""
PHRASE = 2
"""Bars of one component that stay together where the quota allows."""
SHORTEST = 4
"""Bars that a track needs for more than one section."""
FULL = 8
"""Bars that a track needs for an intro and an outro."""
RETURN = "A'"


@dataclass(frozen=True)
class Block:
    """Consecutive beats that are composed once.

    Args:
        beats: their number.
        places: the first beat of each place where they are laid, ascending.
    """

    beats: int
    places: tuple[int, ...]


@dataclass(frozen=True)
class Chunk:
    """Consecutive beats of one layer within a bar.

    Args:
        component: 1..k.
        beats: 1..4.
        again: the earlier beat from which these beats are repeated; -1 for new ones.
    """

    component: int
    beats: int
    again: int = -1


def shape(beats: int) -> list[tuple[str, int]]:
    """Name and bars of each section of a track; the last bar may be short."""
    whole, short = beats // BAR, int(beats % BAR > 0)
    if whole < SHORTEST:
        return [("whole", whole + short)]
    edge = max(1, whole // 10) if whole >= FULL else 0
    body = whole - 2 * edge
    verse = body * 2 // 5 // 2 * 2 if body >= 6 else (body + 1) // 3
    named = [("intro", edge), ("A", verse), ("B", body - 2 * verse), (RETURN, verse)]
    return [pair for pair in [*named, ("outro", edge + short)] if pair[1]]


def blocks_of(plan: Plan, beats: int) -> list[Block]:
    """The blocks of a track in order of their first place; together they cover every beat.

    Every second block of a section repeats its first one, and A' repeats A.
    """
    places: dict[tuple[str, int, int], list[int]] = {}
    for section in plan:
        for index, first in enumerate(range(0, section.bars, BLOCK)):
            start = (section.bar + first) * BAR
            size = min(BLOCK * BAR, (section.bars - first) * BAR, beats - start)
            label = (section.name.rstrip("'"), index if index % 2 else 0, size)
            places.setdefault(label, []).append(start)
    return [Block(size, tuple(starts)) for (_, _, size), starts in places.items()]


@dataclass(frozen=True)
class Phrase:
    """Beats `first`..`first + beats - 1` of a block."""

    block: Block
    first: int
    beats: int

    def positions(self) -> list[int]:
        """All beats of the track that the phrase fills."""
        starts = [place + self.first for place in self.block.places]
        return [beat for start in starts for beat in range(start, start + self.beats)]

    def halves(self) -> list[Phrase]:
        """The phrase in two parts, the first one of 1, 2 or 4 beats."""
        head = max(size for size in (1, 2, BAR) if size < self.beats)
        rest = Phrase(self.block, self.first + head, self.beats - head)
        return [Phrase(self.block, self.first, head), rest]


def phrases_of(blocks: Sequence[Block]) -> list[Phrase]:
    """The blocks in phrases of at most two bars."""
    size = PHRASE * BAR
    return [
        Phrase(block, first, min(size, block.beats - first))
        for block in blocks
        for first in range(0, block.beats, size)
    ]


@dataclass
class Casting:
    """Gives the phrases of one layer to components until each has its quota.

    The longest phrases come first and go to the component that lacks most beats. A phrase that is
    longer than what its component lacks is divided.

    Args:
        needs: beats that components 1..k still lack; changed by `cast`.
        plays: whether the layer plays in each beat; a beat in which it does not counts for nobody.
        partners: components of the other layer. A phrase prefers the component that went with its
            partner before, so that both layers change together, and else one that is not its
            partner, so that the layers of two references meet.
        laid: the phrases as they were given away, for the other layer.
    """

    needs: list[int]
    plays: Sequence[bool]
    partners: Sequence[int] = ()
    laid: list[Phrase] = field(default_factory=list)

    def cast(self, phrases: Sequence[Phrase], stream: Stream) -> list[int]:
        """The component of every beat of the track."""
        owners = [0] * len(self.plays)
        known: dict[int, int] = {}
        waiting = sorted(stream.shuffled(phrases), key=lambda phrase: -self._size(phrase))
        while waiting:
            phrase = waiting.pop(0)
            component = self._candidate(phrase, known)
            if phrase.beats > 1 and self.needs[component - 1] < self._size(phrase):
                waiting[:0] = phrase.halves()
                continue
            self.needs[component - 1] -= self._size(phrase)
            self._remember(phrase, component, known)
            self.laid.append(phrase)
            for beat in phrase.positions():
                owners[beat] = component
        return owners

    def _size(self, phrase: Phrase) -> int:
        return sum(self.plays[beat] for beat in phrase.positions())

    def _candidate(self, phrase: Phrase, known: Mapping[int, int]) -> int:
        partner = self._partner(phrase)
        usual = known.get(partner, 0)
        if usual and self.needs[usual - 1] >= self._size(phrase):
            return usual

        def worth(component: int) -> tuple[bool, int, int]:
            need = self.needs[component - 1]
            layered = component != partner and need >= self._size(phrase)
            return layered, need, -component

        return max(range(1, len(self.needs) + 1), key=worth)

    def _remember(self, phrase: Phrase, component: int, known: dict[int, int]) -> None:
        if self._partner(phrase):
            known.setdefault(self._partner(phrase), component)

    def _partner(self, phrase: Phrase) -> int:
        return self.partners[phrase.positions()[0]] if self.partners else 0


def chunks_of(owners: Sequence[int], blocks: Sequence[Block]) -> list[Chunk]:
    """The beats of a layer, in order, as chunks within bars; repeated blocks refer to the first."""
    laid = sorted((place, block) for block in blocks for place in block.places)
    return [chunk for place, block in laid for chunk in _block_chunks(owners, block, place)]


def _block_chunks(owners: Sequence[int], block: Block, place: int) -> list[Chunk]:
    chunks: list[Chunk] = []
    again = block.places[0] if place != block.places[0] else -1
    for first in range(0, block.beats, BAR):
        size = min(BAR, block.beats - first)
        bar = owners[place + first : place + first + size]
        start = 0
        for index in range(1, size + 1):
            if index == size or bar[index] != bar[start]:
                source = again + first + start if again >= 0 else -1
                chunks.append(Chunk(bar[start], index - start, source))
                start = index
    return chunks


def sections(named: Sequence[tuple[str, int]], values: Mapping[str, tuple[int, int, int]]) -> Plan:
    """The plan with level, density and drums of each section by its name."""
    plan, bar = [], 0
    for name, bars in named:
        level, density, drums = values[name]
        plan.append(Section(name, bar, bars, level, density, drums))
        bar += bars
    return tuple(plan)
