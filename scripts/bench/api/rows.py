"""Reads of an oracle's database with 1,000 and 500,000 orders that have ended."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from oracle.adapters.database import open_database, writing
from oracle.adapters.generations import GENERATIONS
from oracle.adapters.store import DatabaseStore
from oracle.domain.generation import Stage
from scripts.bench.figures import Figure

SIZES = (1_000, 500_000)
PAYERS = 1_000
PIECE = 10_000
READS = 200
FLAT = 1.5
"""Largest cost of a read with the most rows, in reads with the fewest."""


def figures() -> list[Figure]:
    """The cost of each read with the most rows, beside the fewest."""
    (least, few), (most, many) = ((size, _costs(size)) for size in SIZES)
    return [
        Figure(f"{name}, {most:,} rows (peer: {least:,})", many[name], FLAT * cost, True, cost)
        for name, cost in few.items()
    ]


def _costs(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        store = _filled(Path(folder) / "oracle.sqlite", size)
        return {
            "what a payer's orders hold, ms": _timed(lambda n: store.reservations(_payer(n))),
            "an order by its hash, ms": _timed(lambda n: store.known(f"0x{n:064x}x")),
            "unfinished orders, ms": _timed(lambda n: store.unfinished()),
        }


def _filled(path: Path, size: int) -> DatabaseStore:
    engine = open_database(path)
    with writing(engine) as connection:
        for start in range(0, size, PIECE):
            numbers = range(start, min(size, start + PIECE))
            connection.execute(insert(GENERATIONS), [_row(number) for number in numbers])
    return DatabaseStore(engine)


def _row(number: int) -> dict[str, object]:
    return {
        "id": f"0x{number:064x}", "payer": _payer(number), "nonce": str(number), "price": "1",
        "stage": Stage.SETTLED.value, "body": "{}", "open": 0,
    }  # fmt: skip


def _payer(number: int) -> str:
    return f"0x{number % PAYERS:040x}"


def _timed(read: Callable[[int], object]) -> float:
    """Milliseconds of processor time of one read: the mean."""
    read(0)
    begun = time.process_time()
    for number in range(READS):
        read(number)
    return 1e3 * (time.process_time() - begun) / READS
