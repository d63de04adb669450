"""What a task of an engine may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskLimits:
    """The resources of a task.

    Args:
        memory: the most bytes of private memory of the child.
        seconds: the most wall-clock time of one task.
        cache: bytes that the cache of each engine should not exceed.
    """

    memory: int = 8 * 1024**3
    seconds: float = 900.0
    cache: int = 50 * 1024**3
