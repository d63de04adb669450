"""Routes of an oracle beside a route that does nothing, on the same server in the same run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from oracle.adapters.signing.typed import TypedData
from oracle.domain import canonical
from oracle.domain.order import parse_order
from scripts.bench.api import orders
from scripts.bench.api.load import NOTHING_MEASURED, Measured, measure, request
from scripts.bench.api.server import NOTHING
from scripts.bench.api.world import World, world
from scripts.bench.figures import Figure

CONNECTIONS = 32
ROUNDS = 4
EACH = 160
"""Requests of each kind in a round; all orders together stay below an oracle's backlog of 1,000."""

WARM_UP = 48
MOST = 3.0
"""Largest cost of a route in no-op routes."""

ORDER, QUOTE, READ, NOOP = "POST order", "POST quote", "GET generation", "no-op"


def figures() -> list[Figure]:
    """Processor time and latency of each route, with the no-op route as peer."""
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
        found = _measured(made)
    nothing = found.pop(NOOP)
    return [figure for name, ours in found.items() for figure in _figures(name, ours, nothing)]


def _figures(name: str, ours: Measured, nothing: Measured) -> list[Figure]:
    slowest, least = ours.percentile(0.99), nothing.percentile(0.99)
    return [
        Figure(f"{name}, CPU ms (peer: no-op)", ours.cost, MOST * nothing.cost, True, nothing.cost),
        Figure(f"{name}, p99 ms at {CONNECTIONS} connections", slowest, MOST * least, True, least),
    ]


def _measured(made: World) -> dict[str, Measured]:
    """Rounds of every kind in turn, so that a busy machine slows all of them."""
    asked = orders.request_json(made.recordings[:3])
    number = WARM_UP + ROUNDS * EACH
    payers = [made.payers[n % len(made.payers)] for n in range(number)]
    bodies = [
        orders.order_body(made.deployment, payer, n // len(made.payers), asked)
        for n, payer in enumerate(payers)
    ]
    kinds = {
        NOOP: [request(made.url, "POST", NOTHING, body) for body in bodies],
        ORDER: [request(made.url, "POST", "/v1/generations", body) for body in bodies],
        QUOTE: [_quote(made.url, payer.address, asked) for payer in payers],
        READ: [request(made.url, "GET", f"/v1/generations/{i}") for i in _ids(made, bodies)],
    }
    found = dict.fromkeys(kinds, NOTHING_MEASURED)
    for requests in kinds.values():
        measure(made.url, made.pid, requests[:WARM_UP], CONNECTIONS)
    for start in range(WARM_UP, number, EACH):
        for name, requests in kinds.items():
            part = requests[start : start + EACH]
            found[name] += measure(made.url, made.pid, part, CONNECTIONS)
    return found


def _quote(url: str, payer: str, asked: dict[str, object]) -> bytes:
    return request(url, "POST", "/v1/quotes", orders.quote_body(payer, asked))


def _ids(made: World, bodies: Sequence[bytes]) -> list[str]:
    typed = TypedData(made.deployment.chain_id, made.deployment.ledger)
    sent = (canonical.loads(body)["order"] for body in bodies)
    return [typed.order_hash(parse_order(order, "order")) for order in sent]
