"""Bounds how often each oracle may ask this node for something; a restart gives nothing back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator import atomic_files
from oracle.domain import canonical, fields
from oracle.domain.errors import Inconsistent, InvalidInput, Unavailable

DAY = 86_400

_KEYS = ("time", "left")


class Allowance:
    """Requests that each caller may make: `burst` at once, refilled by `per_day` a day.

    Args:
        name: of what is asked for, for the error.
        clock: seconds since 1970.
        path: the file that holds what is left; a request counts once it is on the disk.

    Raises:
        Inconsistent: the file is damaged; without it, nobody knows what was asked.
    """

    def __init__(
        self, name: str, burst: int, per_day: int, clock: Callable[[], int], path: Path
    ) -> None:
        self._name = name
        self._burst, self._per_day = burst * DAY, per_day
        self._clock = clock
        self._path = path
        # For each caller the last second, and what was left then in requests * seconds of a day.
        self._left = _load(path)
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Counts one request. Raises Unavailable when the caller has none left."""
        with self._lock:
            now = self._clock()
            since, left = self._left.get(caller, (now, self._burst))
            now = max(now, since)  # a clock that goes back and forth gives nothing
            left = min(self._burst, left + (now - since) * self._per_day)
            if left < DAY:
                detail = f"has no {self._name} left now; {self._per_day} a day are allowed"
                raise Unavailable(detail, field="X-Refrain-Signer", value=caller)
            changed = {**self._left, caller: (now, left - DAY)}
            self._save(changed)
            self._left = changed

    def _save(self, left: dict[str, tuple[int, int]]) -> None:
        value = {who: dict(zip(_KEYS, pair, strict=True)) for who, pair in left.items()}
        atomic_files.write(self._path, canonical.dumps(value))


def _load(path: Path) -> dict[str, tuple[int, int]]:
    """What is left by caller; nothing before the first request."""
    try:
        found = canonical.loads(path.read_bytes())
        return {who: _pair(value, who) for who, value in found.items()}
    except FileNotFoundError:
        return {}
    except (AttributeError, InvalidInput) as error:
        detail = f"cannot be read back; restore it, or delete it to give each oracle all: {error}"
        raise Inconsistent(detail, field="allowance", value=path.name) from error


def _pair(value: Any, who: str) -> tuple[int, int]:
    found = fields.mapping(value, who, _KEYS)
    made = (fields.integer(found[name], f"{who}.{name}", 0, fields.UINT64_MAX) for name in _KEYS)
    time, left = made
    return time, left
