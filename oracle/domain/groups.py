"""Groups: references of a track that are copies of each other, by component."""

from __future__ import annotations

from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

Groups = tuple[tuple[int, ...], ...]
"""Each group has at least two components, ascending; groups share none and ascend by the first."""


def read_groups(value: Any, place: str, components: int) -> Groups:
    """Groups from their JSON, a list of lists.

    Args:
        components: k; a group holds some of 1..k.

    Raises:
        InvalidInput: names the wrong group.
    """
    listed = fields.listing(value, place, 0, components // 2)
    groups = []
    for index, item in enumerate(listed):
        where = f"{place}[{index}]"
        group = tuple(
            fields.integer(component, f"{where}[{place_in}]", 1, components)
            for place_in, component in enumerate(fields.listing(item, where, 2, components))
        )
        if list(group) != sorted(set(group)):
            raise InvalidInput("must ascend", field=where, value=item)
        groups.append(group)
    _require_apart(groups, place)
    return tuple(groups)


def _require_apart(groups: list[tuple[int, ...]], place: str) -> None:
    members = [component for group in groups for component in group]
    if len(members) != len(set(members)):
        raise InvalidInput("must share no component", field=place, value=members)
    firsts = [group[0] for group in groups]
    if firsts != sorted(firsts):
        raise InvalidInput("must ascend by their first component", field=place, value=firsts)
