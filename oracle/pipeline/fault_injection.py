"""Kills the process at a chosen point, so that a test can check the state it leaves behind."""

from __future__ import annotations

import os
import signal


class KillAt:
    """Kills its own process with SIGKILL, without cleanup, at the n-th call for a point.

    Args:
        point: such as ``after:signed``: after the step out of that stage, before its save.
        times: 1 for the first call.
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
