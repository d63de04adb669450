"""What an oracle does at the same time. The rest waits or is refused with 503 and Retry-After.

Threads of Python share one core, so a few at work are faster than many, and the event loop still
gets its turn. Health, readiness and documentation never wait: they do not use these threads.
"""

from __future__ import annotations

from collections.abc import Iterator

from starlette.types import Scope

from oracle.http.turns import Turns

AT_ONCE, WAITING = 8, 32
"""Of quotes and orders, and again of reads."""

PEERS_AT_ONCE, PEERS_WAITING = 16, 64
"""Of calls of other oracles, which strangers must not be able to delay."""

THREADS = 2 * AT_ONCE + PEERS_AT_ONCE
"""Below anyio's 40, so a request that has its turn also has a thread."""

NEVER_WAITING = frozenset(
    ("/v1/health", "/v1/ready", "/docs", "/openapi.json", "/v1/openapi.json")
)  # fmt: skip

PEERS = "/v1/peers/"


class Load:
    """The turns of one oracle."""

    def __init__(self) -> None:
        self._orders = Turns("quotes and orders", AT_ONCE, WAITING)
        self._reads = Turns("reads", AT_ONCE, WAITING)
        self._peers = Turns("calls of oracles", PEERS_AT_ONCE, PEERS_WAITING)

    def needed(self, scope: Scope) -> Iterator[tuple[Turns, str]]:
        """The turn that a request needs, if any."""
        path = scope["path"]
        if path in NEVER_WAITING:
            return
        if path.startswith(PEERS):
            yield self._peers, ""
        elif scope["method"] in ("GET", "HEAD"):
            yield self._reads, ""
        else:
            yield self._orders, ""
