"""What is not offered of a person's folder: each file with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class LeftOut:
    """One file, or several of one kind. `name`: as it is shown, with escapes for odd letters."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class LeftOuts:
    """The files of a folder that are not offered, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: list[LeftOut] = []

    def add(self, name: str, reason: str) -> None:
        self._found.append(LeftOut(name, reason))

    def __iter__(self) -> Iterator[LeftOut]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
