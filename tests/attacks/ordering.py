"""What the attacks on orders share: signed orders, and what each oracle of the stack says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import httpx

from oracle.client.app import App
from oracle.domain.generation import ENDS
from oracle.domain.order import Order
from oracle.domain.request import Request
from scripts.stack.chain import local_chain
from scripts.stack.layout import ORACLES
from tests.e2e.world import World, body_of

T = TypeVar("T")
SENDERS = [f"sender-{name}" for name in ORACLES]
LIMIT = 100_000_000


def until(found: Callable[[], T], seconds: float = 400) -> T:
    """The first true answer of a function that looks at the stack."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.2)
    raise AssertionError("did not come in time")


def order_of(app: App, request: Request, **changes: Any) -> Order:
    """The order that a quote offers, with some fields changed before it is signed."""
    return replace(app.order_from(app.quote(request), request, LIMIT), **changes)


def send(world: World, app: App, oracle: str, request: Request, order: Order) -> httpx.Response:
    """Posts a signed order to one oracle."""
    body = body_of(request, order, app.sign(order))
    url = f"{world.stack.url(oracle)}/v1/generations"
    return httpx.post(url, json=body, timeout=60, trust_env=False)


def send_all(
    world: World, app: App, orders: Iterable[tuple[str, Request, Order]]
) -> list[httpx.Response]:
    """Posts orders at the same time: oracle, request, order."""
    with ThreadPoolExecutor() as pool:
        tried = [pool.submit(send, world, app, *each) for each in orders]
        return [each.result() for each in tried]


def view_at(world: World, oracle: str, generation: str) -> dict[str, Any]:
    """What one oracle says of a generation; empty where it does not know it."""
    url = f"{world.stack.url(oracle)}/v1/generations/{generation}"
    answer = httpx.get(url, timeout=30, trust_env=False)
    return answer.json() if answer.is_success else {}


def end_at(world: World, oracle: str, generation: str, seconds: float = 240) -> dict[str, Any]:
    """The view of a generation that has ended at an oracle."""

    def ended() -> dict[str, Any]:
        view = view_at(world, oracle, generation)
        return view if view.get("stage") in ENDS else {}

    return until(ended, seconds)


def links_lead_to_files(view: dict[str, Any]) -> bool:
    """Whether audio and trace can be downloaded by anyone."""
    links = [view["links"][name] for name in ("audio", "trace")]
    return all(link and httpx.get(link, timeout=60).is_success for link in links)


def sent_transactions(world: World) -> int:
    """The number of transactions that all oracles have sent."""
    chain, accounts = local_chain(world.stack), world.stack.accounts
    counts = [
        chain.rpc("eth_getTransactionCount", accounts.account(role).address, "latest")
        for role in SENDERS
    ]
    return sum(int(count, 16) for count in counts)
