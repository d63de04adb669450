"""Sends prepared HTTP requests over a fixed number of connections and times every answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_ALL_THREADS = 2
"""Low bits of a process's clock, as clock_getcpuclockid(3) makes them on Linux."""


class Failed(RuntimeError):
    """An answer has an unexpected status; the message has the answer."""


@dataclass(frozen=True)
class Measured:
    """What some requests cost: seconds of each one, of all, and of the server's processor."""

    latencies: tuple[float, ...]
    wall: float
    cpu: float

    def __add__(self, other: Measured) -> Measured:
        together = self.latencies + other.latencies
        return Measured(together, self.wall + other.wall, self.cpu + other.cpu)

    @property
    def cost(self) -> float:
        """Milliseconds of the server's processor for each request."""
        return 1e3 * self.cpu / len(self.latencies)

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return len(self.latencies) / self.wall

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that `share` of the requests do not exceed."""
        ordered = sorted(self.latencies)
        return 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


NOTHING_MEASURED = Measured((), 0.0, 0.0)


def request(url: str, method: str, path: str, body: bytes = b"") -> bytes:
    """A request of HTTP/1.1 for a connection that stays open."""
    lines = [
        f"{method} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}",
        "Content-Type: application/json", f"Content-Length: {len(body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + body


def measure(url: str, pid: int, requests: Sequence[bytes], connections: int) -> Measured:
    """Sends all requests, each once, and waits for the answers.

    Args:
        pid: the server's process.

    Raises:
        Failed: an answer is not 2xx.
    """
    before, begun = processor_time(pid), time.perf_counter()
    latencies = asyncio.run(_all(url, iter(requests), connections))
    wall, after = time.perf_counter() - begun, processor_time(pid)
    return Measured(tuple(latencies), wall, after - before)


def processor_time(pid: int) -> float:
    """Seconds of processor time that all threads of a process have used, to the nanosecond.

    /proc counts in steps of 10 ms, which is a tenth of what a round of no-ops takes.
    """
    return time.clock_gettime(~pid << 3 | _ALL_THREADS)


async def _all(url: str, waiting: Iterator[bytes], connections: int) -> list[float]:
    found = await asyncio.gather(*(_connection(url, waiting) for _ in range(connections)))
    return [latency for each in found for latency in each]


async def _connection(url: str, waiting: Iterator[bytes]) -> list[float]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    latencies = []
    for sent in waiting:
        begun = time.perf_counter()
        writer.write(sent)
        await writer.drain()
        await _answer(reader)
        latencies.append(time.perf_counter() - begun)
    writer.close()
    return latencies


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = [line.partition(":") for line in head.lower().split("\r\n")]
    length = next(int(value) for name, _, value in lines if name == "content-length")
    body = await reader.readexactly(length)
    if not head.split(" ", 2)[1].startswith("2"):
        raise Failed(f"{head.splitlines()[0]}: {body[:400].decode(errors='replace')}")
    return body
