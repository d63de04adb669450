"""The machine's clock."""

from __future__ import annotations

import time


class SystemClock:
    """Implements ports.Clock."""

    def now(self) -> int:
        """Seconds since 1970."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
