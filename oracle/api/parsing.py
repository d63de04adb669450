"""Converts request bodies to domain values; addresses get their EIP-55 form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oracle.adapters.addresses import checksummed
from oracle.adapters.signing import signatures
from oracle.api.requests import GenerationBody
from oracle.domain import fields
from oracle.domain.attestation import Attested, parse_attestation
from oracle.domain.batch import MOST
from oracle.domain.copies import Decision, decision_of
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order, parse_order
from oracle.domain.ordered import Ordered, parse_ordered
from oracle.domain.proposal import Proposed
from oracle.domain.request import parse_request
from oracle.domain.reservation import Ballot, parse_ballot

MOST_SIGNERS = 64
"""Oracles of a set, as in a manifest."""


def order_of(sent: Mapping[str, Any], place: str = "") -> Order:
    """An order from its JSON.

    Args:
        place: prefix of the field names in errors, such as ``members[0].``.

    Raises:
        InvalidInput: names the field.
    """
    order = parse_order(sent, f"{place}order")
    return replace(order, payer=checksummed(order.payer, f"{place}order.payer"))


def placed_of(body: GenerationBody) -> Ordered:
    """An order with its request and its prompt. Raises InvalidInput, which names the field."""
    sent = body.model_dump()
    request, order = parse_request(sent["request"]), order_of(sent["order"])
    return Ordered(request, order, signature_of(body.signature), body.prompt, body.salt)


def signature_of(sent: str, field: str = "signature") -> str:
    """A payer's signature in its one form: 65 bytes in lower-case 0x-hex, v 27 or 28.

    The forms that wallets make (v 0 or 1, 64 bytes, any case of hex) become this one, so that one
    order has one signature.

    Raises:
        InvalidInput: not a signature, or s is in the upper half.
    """
    try:
        return "0x" + signatures.normal(bytes.fromhex(sent[2:])).hex()
    except InvalidInput as error:
        raise InvalidInput(error.detail, field=field, value=error.value) from None
    except ValueError:
        raise InvalidInput("must be bytes in 0x-hex", field=field, value=sent) from None


def ordered_of(sent: Mapping[str, Any]) -> tuple[Ordered, Ballot]:
    """An order as another oracle sends it, and the ballot for which it asks.

    Raises:
        InvalidInput: names the field.
    """
    return _ordered(sent, "ballot"), parse_ballot(sent["ballot"])


def cancelled_of(sent: Mapping[str, Any]) -> tuple[Ordered, str]:
    """An order and its payer's signed cancellation; errors as in `ordered_of`."""
    ordered = _ordered(sent, "cancellation")
    return ordered, fields.signature(sent["cancellation"], "cancellation")


def ruled_of(sent: Mapping[str, Any]) -> tuple[Decision, list[str], dict[str, str]]:
    """A decision about copies as another oracle sends it, its papers, and signatures by oracle.

    Raises:
        InvalidInput: names the field.
    """
    keys = ("recording", "other", "keep", "time", "papers", "signatures")
    found = fields.mapping(sent, "", keys)
    papers = [
        fields.signature(each, f"papers[{index}]")
        for index, each in enumerate(fields.listing(found["papers"], "papers", 1, 2))
    ]
    signatures = found["signatures"]
    if not isinstance(signatures, dict) or len(signatures) > MOST_SIGNERS:
        raise InvalidInput("must be an object of signatures", field="signatures")
    if not all(isinstance(each, str) for each in signatures.values()):
        raise InvalidInput("must be texts", field="signatures")
    return decision_of(found), papers, signatures


def _ordered(sent: Mapping[str, Any], more: str) -> Ordered:
    """All of `sent` except the member `more`, which must be there."""
    if more not in sent:
        raise InvalidInput("is missing", field=more)
    found = parse_ordered({name: value for name, value in sent.items() if name != more})
    payer = checksummed(found.order.payer, "order.payer")
    return replace(found, order=replace(found.order, payer=payer))


def proposed_of(sent: Mapping[str, Any], field: str = "") -> Proposed:
    """An attestation that the leader of a ballot proposes.

    Args:
        field: of the whole, for errors, such as ``members[0]``.

    Raises:
        InvalidInput: names the field.
    """
    found = fields.mapping(sent, field, ("order", "signature", "attestation", "ballot"))
    place = f"{field}." if field else ""
    made = parse_attestation(found["attestation"], f"{place}attestation")
    made = replace(made, node=checksummed(made.node, f"{place}attestation.node"))
    signature = fields.signature(found["signature"], f"{place}signature")
    member = Attested(order_of(found["order"], place), signature, made)
    return Proposed(member, parse_ballot(found["ballot"], f"{place}ballot"))


def proposed_list_of(sent: Mapping[str, Any]) -> list[Proposed]:
    """The members of a proposed batch; errors as in `proposed_of`."""
    found = fields.mapping(sent, "", ("members",))
    listed = enumerate(fields.listing(found["members"], "members", 1, MOST))
    return [proposed_of(each, f"members[{index}]") for index, each in listed]
