"""Generations as JSON text for the store."""

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
from oracle.domain.reservation import SignedReservation, ballot_json, parse_ballot

_PLAIN = ("id", "order_signature", "detail", "node", "payee", "audio", "trace", "manifest",
          "transaction", "settled_block", "original", "alone", "prompt", "salt", "made",
          "lent", "adopted", "final", "confirmed", "taken", "until")  # fmt: skip


def generation_text(generation: Generation) -> str:
    """A generation as canonical JSON."""
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
    value["ballot"] = ballot_json(g.ballot) if g.ballot else None
    value["reservations"] = {signer: asdict(each) for signer, each in g.reservations.items()}
    return canonical.dumps(value).decode()


def generation_from(text: str) -> Generation:
    """The generation from the text of `generation_text`.

    Raises:
        Inconsistent: the text is damaged, or from another version of this program.
    """
    try:
        value = canonical.loads(text)
        return Generation(
            **{name: value[name] for name in _PLAIN if name in value},
            request=parse_request(value["request"]),
            order=parse_order(value["order"]),
            price=fields.decimal(value["price"], "price"),
            stage=Stage(value["stage"]),
            block=Block(**value["block"]) if value["block"] else None,
            vectors={r: vector_from(items, r) for r, items in value["vectors"].items()},
            attestation=parse_attestation(value["attestation"]) if value["attestation"] else None,
            signatures=value["signatures"],
            batch=tuple(value["batch"]),
            ballot=parse_ballot(value["ballot"]) if value.get("ballot") else None,
            reservations={
                signer: SignedReservation(**each)
                for signer, each in value.get("reservations", {}).items()
            },
        )
    except (InvalidInput, KeyError, TypeError, ValueError) as error:
        raise Inconsistent(f"a saved generation cannot be read: {error}") from error
