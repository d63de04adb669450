"""What an honest oracle answers about one order on a test chain; tests change single fields."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from oracle.domain.attribution import Vector, encode_entries
from oracle.domain.money import divide
from oracle.domain.order import Order
from oracle.domain.request import Request
from tests.support.chain_world import PRICE, Case, ChainWorld
from tests.support.http_script import Script
from tests.support.samples import request

DAWN = "slow dawn"
"""The prompt of `REQUEST`; its salt is `samples.SALT`."""

REQUEST = request(
    prompt=DAWN, length=30,
    references=[{"recording": 1, "weight": 600_000}, {"recording": 3, "weight": 400_000}],
)  # fmt: skip
NODE_FEE, PROTOCOL_FEE = PRICE // 10, PRICE // 20
LINKS = {"self": "/x", "audio": "http://gateway/ipfs/b", "manifest": None, "trace": None}


def order_of(world: ChainWorld, named: bytes, **changes: Any) -> Order:
    """The order that a quote offers to the payer; it is valid for an hour."""
    order = replace(world.case().order, request=named, max_price=PRICE,
                    deadline=world.rpc.block().timestamp + 3_600)  # fmt: skip
    return replace(order, **changes)


def quote_of(world: ChainWorld, order: Order, weights: Vector) -> dict[str, Any]:
    amounts = divide(PRICE - NODE_FEE - PROTOCOL_FEE, list(weights.values()))
    shares = zip(weights.items(), amounts, strict=True)
    return {
        "permitted": True, "refusals": [], "price": str(PRICE), "node_fee": str(NODE_FEE),
        "protocol_fee": str(PROTOCOL_FEE), "floor": None, "use": 5, "expires": order.deadline,
        "reserved": "0",
        "split": [{"recording": n, "weight": w, "amount": str(a)} for (n, w), a in shares],
        "typed_data": world.typed.order_typed_data(order),
    }  # fmt: skip


def quote_for(world: ChainWorld, wanted: Request, **changes: Any) -> dict[str, Any]:
    """The quote of a request; `changes` go into the order."""
    order = order_of(world, wanted.digest(), **changes)
    return quote_of(world, order, wanted.weights())


def view_of(number: str, stage: str = "settled", detail: str = "", **changes: Any) -> Any:
    return {
        "id": number, "stage": stage, "detail": detail, "price": str(PRICE), "links": LINKS,
        "transaction": None, "vector": None, "block": None, "original": None, **changes,
    }  # fmt: skip


def settling(world: ChainWorld, order: Order, weights: Vector) -> Case:
    """The order with the attestation that settles it."""
    made = replace(world.case().attestation, entries=encode_entries(weights))
    return world.sign(order, made)


def in_turn(api: Script, answers: Iterable[Any]) -> None:
    """Has the oracle give these answers in turn; a function is called for its answer."""
    lock, plain, left = threading.Lock(), api.answer, iter(answers)

    def answer(request: Any) -> None:
        with lock:
            found = next(left)
            api.says(found() if callable(found) else found)
        plain(request)

    api.answer = answer  # type: ignore[method-assign]
