"""An object of which some methods are replaced, so that a simulation sees the calls."""

from __future__ import annotations

from typing import Any


class Watched:
    """Stands before `target`; the methods in `replaced` are called in place of its own."""

    def __init__(self, target: Any, **replaced: Any) -> None:
        self._target = target
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)
