"""A port of a simulated oracle: every call may pause, fail, or be the last one of its process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Hook = Callable[[str], None]


class Port:
    """Stands before an adapter or a fake, and calls a hook around each of its methods.

    Args:
        name: such as `store`; a hook gets ``store.save``.
        before: may raise, so that the call does not happen.
        after: may raise, so that the caller does not learn that it happened.
    """

    def __init__(self, name: str, target: Any, before: Hook, after: Hook) -> None:
        self._name, self._target = name, target
        self._before, self._after = before, after

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._target, method)
        if not callable(found):
            return found
        point = f"{self._name}.{method}"

        def call(*args: Any, **named: Any) -> Any:
            self._before(point)
            result = found(*args, **named)
            self._after(point)
            return result

        # The same method is asked for again and again, and a target never changes its methods.
        self.__dict__[method] = call
        return call
