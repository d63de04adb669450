"""Generations as the text that the store keeps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attestation import attestation_json, parse_attestation
from oracle.domain.attribution import items_of, vector_from
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.generation import Generation, Stage
from oracle.domain.order import order_json, parse_order
from oracle.domain.request import parse_request

_PLAIN = ("id", "order_signature", "detail", "node", "payee", "audio", "trace", "manifest",
          "transaction", "settled_block", "original", "alone")  # fmt: skip


def generation_text(generation: Generation) -> str:
    """The record as canonical JSON."""
    g = generation
    value: dict[str, Any] = {name: getattr(g, name) for name in _PLAIN}
    value["request"] = g.request.to_json()
    value["order"] = order_json(g.order)
    value["price"] = str(g.price)
    value["stage"] = g.stage.value
    value["block"] = asdict(g.block) if g.block else None
    value["vectors"] = {rule: items_of(vector) for rule, vector in g.vectors.items()}
    value["attestation"] = attestation_json(g.attestation) if g.attestation else None
    value["signatures"] = dict(g.signatures)
    value["batch"] = list(g.batch)
    return canonical.dumps(value).decode()


def generation_from(text: str) -> Generation:
    """The record that `generation_text` wrote.

    Raises:
        Inconsistent: it is damaged, or of another version of this program.
    """
    try:
        value = canonical.loads(text)
        return Generation(
            **{name: value[name] for name in _PLAIN},
            request=parse_request(value["request"]),
            order=parse_order(value["order"]),
            price=fields.decimal(value["price"], "price"),
            stage=Stage(value["stage"]),
            block=Block(**value["block"]) if value["block"] else None,
            vectors={r: vector_from(items, r) for r, items in value["vectors"].items()},
            attestation=parse_attestation(value["attestation"]) if value["attestation"] else None,
            signatures=value["signatures"],
            batch=tuple(value["batch"]),
        )
    except (InvalidInput, KeyError, TypeError, ValueError) as error:
        raise Inconsistent(f"a saved generation cannot be read: {error}") from error
