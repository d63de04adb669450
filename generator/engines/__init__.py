"""The engines by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.engines.base import Engine
from generator.engines.mosaic import Mosaic
from oracle.domain.errors import InvalidInput

ENGINES: Mapping[str, type[Mosaic]] = {"mosaic": Mosaic}


def engine(name: str, cache: Path) -> Engine:
    """A new engine with its own folder under `cache`.

    Raises:
        InvalidInput: there is no engine of that name.
    """
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise InvalidInput(f"no such engine; there is {known}", field="engine", value=name)
    return ENGINES[name](cache / name)
