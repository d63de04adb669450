"""The plan of a track: its sections, one after another, as a table of integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

BAR = 4
"""Beats of a bar."""
MOST_SECTIONS = 256
UNITY = 65_536

RANGES: dict[str, tuple[int, int]] = {
    "bar": (0, 10_000),
    "bars": (1, 10_000),
    "level": (1, 16 * UNITY),
    "density": (0, 1_000),
    "drums": (0, 1),
}


@dataclass(frozen=True)
class Section:
    """Some bars of a track.

    Args:
        name: such as ``intro``, 1 to 16 characters.
        bar: its first bar; `bars` is their number.
        level: gain in 1/65,536.
        density: thousandths.
        drums: 1 if the percussive layer plays.
    """

    name: str
    bar: int
    bars: int
    level: int = UNITY
    density: int = 1_000
    drums: int = 1


Plan = tuple[Section, ...]


def whole(beats: int) -> Plan:
    """The plan of a track that is one section."""
    return (Section("whole", 0, bars_of(beats)),)


def bars_of(beats: int) -> int:
    """Bars that hold this many beats; the last one may be short."""
    return -(-beats // BAR)


def plan_json(plan: Sequence[Section]) -> list[dict[str, Any]]:
    """The plan as a trace holds it."""
    return [asdict(section) for section in plan]


def read_plan(value: Any, place: str, beats: int) -> Plan:
    """A plan from its JSON: sections that follow each other and cover all bars of the track.

    Raises:
        InvalidInput: names the wrong field.
    """
    listed = fields.listing(value, place, 1, MOST_SECTIONS)
    sections = tuple(_section(item, f"{place}[{index}]") for index, item in enumerate(listed))
    bar = 0
    for index, section in enumerate(sections):
        if section.bar != bar:
            detail = f"must be {bar}, where the section before ends"
            raise InvalidInput(detail, field=f"{place}[{index}].bar", value=section.bar)
        bar += section.bars
    if bar != bars_of(beats):
        detail = f"must cover the {bars_of(beats)} bars of the track"
        raise InvalidInput(detail, field=place, value=bar)
    return sections


def _section(item: Any, place: str) -> Section:
    found = fields.mapping(item, place, ("name", *RANGES))
    numbers = {
        name: fields.integer(found[name], f"{place}.{name}", low, high)
        for name, (low, high) in RANGES.items()
    }
    return Section(fields.text(found["name"], f"{place}.name", 16), **numbers)
