"""Reads a submitted job: a signed order, its reservations, the audio that the chain names, and the
controls that the oracle read off the prompt, which no node sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.node.job import read_terms
from generator.node.orders import Orders
from oracle.domain import fields
from oracle.domain.errors import InvalidInput
from oracle.domain.generation import seed_of
from oracle.domain.ordered import parse_signed
from oracle.domain.request import Request

SIGNED = ("request", "order", "signature")
_KEYS = (*SIGNED, "reservations", "references", "controls")


def read(value: Any, engines: Iterable[str], orders: Orders, caller: str) -> dict[str, Any]:
    """The terms of a job, which follow from the order alone, except for audio and controls.

    Args:
        value: parsed JSON of a submission.
        engines: names of the engines that this node runs.
        caller: EIP-55 address of the oracle that submits it.

    Raises:
        InvalidInput: names the field, such as ``references[1].audio``, and its value.
        Unauthorised: the order is not the payer's, or the set has not reserved it for the caller.
    """
    found = fields.mapping(value, "", _KEYS)
    ordered = parse_signed({name: found[name] for name in SIGNED})
    request = ordered.request
    fields.choice(request.engine, "request.engine", engines)
    generation = orders.require_signed(ordered)
    orders.require_reserved(generation, ordered.order, found["reservations"], caller)
    return read_terms(
        {
            "id": generation,
            "engine": request.engine,
            "length": request.length,
            "seed": str(seed_of(generation)),
            "references": _references(found["references"], request),
            "controls": found["controls"],
        }
    )


def _references(value: Any, request: Request) -> list[dict[str, Any]]:
    weights, count = request.weights(), len(request.references)
    references = []
    for index, item in enumerate(fields.listing(value, "references", count, count)):
        place = f"references[{index}]"
        found = fields.mapping(item, place, ("recording", "audio"))
        weight = weights.get(found["recording"]) if type(found["recording"]) is int else None
        if weight is None:
            detail = "is not a recording of the request"
            raise InvalidInput(detail, field=f"{place}.recording", value=found["recording"])
        references.append({**found, "weight": weight})
    return references
