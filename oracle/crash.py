"""Where the process may be killed on purpose, so that a test can see what is left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

Reach = Callable[[str], None]
"""Told the name of each point as it is reached."""


def nowhere(_point: str) -> None:
    """Reaches every point and goes on: what runs outside of crash tests."""


class KillAt:
    """Kills its own process, with no chance to tidy up, the n-th time a point is reached.

    Args:
        point: such as ``after:signed``: the step out of that stage has run and is not saved.
        times: 1 for the first time.
    """

    def __init__(self, point: str, times: int) -> None:
        self._point = point
        self._left = times

    def __call__(self, point: str) -> None:
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
