"""Engines by name: one literal table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.engines.base import Engine
from generator.engines.mosaic import Mosaic
from oracle.domain.errors import InvalidInput

ENGINES: Mapping[str, type[Mosaic]] = {"mosaic": Mosaic}


def engine(name: str, cache: Path) -> Engine:
    """A new engine that keeps what it can in a folder of its own under `cache`.

    Raises:
        InvalidInput: no engine of that name.
    """
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise InvalidInput(f"no such engine; there is {known}", field="engine", value=name)
    return ENGINES[name](cache / name)
