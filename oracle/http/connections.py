"""The open connections of a server: how many there may be, and how long each may wait.

A connection *works* while the server makes an answer. At any other time it *waits* for its client:
for the head of a request (its line and headers), for the rest of its body, for the client to read
an answer, for the next request. When there is no room for a new connection, the one that was still
for the longest time is closed. So clients that open connections and send nothing, or half of a
request, close each other's connections and nobody's work.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Protocol

from oracle.domain.environment import Environment, integer

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What clients may use of a server.

    Args:
        connections: open at the same time, in all.
        each: open at the same time, of one client address. Behind a proxy all have the proxy's.
        head_seconds: from the first byte of a request, or from the connection, until its head is
            complete.
        idle_seconds: between an answer and the first byte of the next request.
        write_seconds: for the client to read what waits to be sent, at most about a mebibyte.
    """

    connections: int = 1000
    each: int = 250
    head_seconds: float = 10.0
    idle_seconds: float = 15.0
    write_seconds: float = 60.0


def read_limits(environment: Environment) -> Limits:
    """The limits of an operator: the numbers of connections can be set, the times not.

    Raises:
        InvalidInput: a variable is out of its range; names the variable.
    """
    most = integer(environment, "REFRAIN_CONNECTIONS", Limits.connections, 16, 60_000)
    default = min(Limits.each, most)
    each = integer(environment, "REFRAIN_CONNECTIONS_EACH", default, 1, most)
    return Limits(connections=most, each=each)


class Connection(Protocol):
    """An open connection. `abort` closes it at once; `closing` is true after that or a close."""

    @property
    def closing(self) -> bool: ...

    def abort(self) -> None: ...


class Connections:
    """All connections of one server. Not for more than one thread.

    Every time is in seconds of one monotonic clock.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._most = limits.connections
        self._client: dict[Connection, str] = {}
        self._count: Counter[str] = Counter()
        self._due: dict[Connection, float] = {}
        # Dictionaries keep the order in which their keys came, so the first was still the longest.
        self._waiting: dict[Connection, None] = {}
        self._waiting_of: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._client)

    def admit(self, connection: Connection, client: str, now: float) -> bool:
        """Adds a new connection, which waits. False when there is no room: close it then."""
        if self._count[client] >= self.limits.each and not self._evict(self._waiting_of[client]):
            _log.warning("%s has %d requests at work; its connection was refused", client,
                         self.limits.each)  # fmt: skip
            return False
        if len(self) >= self._most and not self._evict(self._waiting):
            _log.warning("%d requests are at work; a connection was refused", len(self))
            return False
        self._client[connection] = client
        self._count[client] += 1
        self._waiting_of.setdefault(client, {})
        self.wait(connection, now + self.limits.head_seconds)
        return True

    def wait(self, connection: Connection, due: float = math.inf) -> None:
        """The connection waits from now on, and is closed at `due`."""
        if connection in self._client:
            self.work(connection)
            self._waiting[connection] = None
            self._waiting_of[self._client[connection]][connection] = None
            self._due[connection] = due

    def work(self, connection: Connection) -> None:
        """The connection works, and may do so without end."""
        if connection in self._client:
            self._waiting.pop(connection, None)
            self._waiting_of[self._client[connection]].pop(connection, None)
            self._due[connection] = math.inf

    def drop(self, connection: Connection) -> None:
        """Forgets a connection, if it is known."""
        if connection in self._client:
            self.work(connection)
            del self._due[connection]
            client = self._client.pop(connection)
            self._count[client] -= 1
            if not self._count[client]:
                del self._count[client], self._waiting_of[client]

    def sweep(self, now: float) -> None:
        """Closes each connection whose time is over. Call it about once a second."""
        self._most = min(self._most + 1, self.limits.connections)
        for connection, due in list(self._due.items()):
            if due <= now:
                self._close(connection)
                _log.warning("a connection was closed: its client neither sent nor read in time")
            elif due == math.inf and connection.closing:
                # What is left to send may never be read.
                self._due[connection] = now + self.limits.write_seconds

    def shrink(self, by: int) -> None:
        """Takes fewer connections than there are now, until later: each sweep allows one more."""
        self._most = max(1, len(self) - by)
        while len(self) > self._most and self._evict(self._waiting):
            pass

    def _evict(self, waiting: Iterable[Connection]) -> bool:
        """Closes the first that waits; False when there is none."""
        oldest = next(iter(waiting), None)
        if oldest is None:
            return False
        self._close(oldest)
        _log.warning("too many connections: the one that was still longest was closed")
        return True

    def _close(self, connection: Connection) -> None:
        self.drop(connection)
        connection.abort()


def client_of(address: str) -> str:
    """The name under which the connections of an IP address count.

    One subscriber has a whole /64 of IPv6, so its addresses count together.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
