"""Threads that oracles start for their calls run at once, so that the seed decides their order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

from oracle.quorum import asking

MODULES: tuple[ModuleType, ...] = (asking,)
"""Modules that start threads while they take a step."""


class InlineThread:
    """Takes the arguments of `threading.Thread`; `start` does the whole work."""

    def __init__(
        self, target: Callable[..., None], args: Sequence[Any] = (), **_options: Any
    ) -> None:
        self._target, self._args = target, args

    def start(self) -> None:
        self._target(*self._args)


@contextmanager
def threads_inline() -> Iterator[None]:
    """Replaces the threads of `MODULES` inside of the block."""
    own = SimpleNamespace(**{**vars(threading), "Thread": InlineThread})
    before = [module.threading for module in MODULES]
    for module in MODULES:
        module.threading = own
    try:
        yield
    finally:
        for module, real in zip(MODULES, before, strict=True):
            module.threading = real
