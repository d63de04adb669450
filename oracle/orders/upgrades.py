"""Upgrades: a settled generation gets a higher tier. Track, manifest and vector stay the same.

The order's `request` is the original's id, so the order names what it upgrades. Two things are
checked again at a new block: consent for the new use, and the price, which is the difference of the
tiers. Any oracle of the set can lead an upgrade.
"""

from __future__ import annotations

from dataclasses import replace

from oracle.domain.attestation import Attestation
from oracle.domain.attribution import decode_entries
from oracle.domain.block import Block
from oracle.domain.consent import TIERS
from oracle.domain.errors import (
    Inconsistent,
    InvalidInput,
    Unavailable,
    require_same,
)
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import Manifest
from oracle.domain.order import Order, check_against
from oracle.domain.request import Request
from oracle.domain.terms import Terms
from oracle.orders.consent_checks import require_shares
from oracle.orders.prices import require_affordable, upgrade_price
from oracle.ports import Ledger, Typed


def higher(request: Request, tier: str) -> Request:
    """The same request for a higher tier. Raises InvalidInput when the tier is not higher."""
    if tier not in TIERS or TIERS[tier].number <= TIERS[request.tier].number:
        raise InvalidInput(f"must be higher than {request.tier}", field="tier", value=tier)
    return replace(request, tier=tier)


def tier_of(order: Order) -> str:
    """The name of an order's tier. Raises InvalidInput when no tier has this number."""
    for name, tier in TIERS.items():
        if tier.number == order.tier:
            return name
    raise InvalidInput("is not a tier", field="order.tier", value=order.tier)


def begun(before: Generation, request: Request, order: Order, signature: str) -> Generation:
    """The upgrade as a new generation with the original's track, manifest and vectors."""
    return Generation(
        id="", request=request, order=order, order_signature=signature, price=0,
        original=before.id, node=before.node, payee=before.payee, audio=before.audio,
        trace=before.trace, manifest=before.manifest, vectors=before.vectors,
    )  # fmt: skip


def attested(
    ledger: Ledger, terms: Terms, before: Generation, generation: Generation, block: Block
) -> Generation:
    """The upgrade of `before` with its attestation; consent and price are as of `block`."""
    found = upgrade_price(ledger, terms, before.request, generation.request, block)
    price = require_affordable(found, generation.order.max_price)
    made = replace(
        before.attested().attestation, price=price, node_fee=terms.node_fee(price),
        generated_at=block.timestamp,
    )  # fmt: skip
    return replace(
        generation, stage=Stage.PUBLISHED, block=block, price=price, attestation=made, detail="",
        payee=before.payee, audio=before.audio, trace=before.trace, manifest=before.manifest,
        vectors=before.vectors,
    )  # fmt: skip


def is_upgrade(manifest: Manifest, order: Order) -> bool:
    """Whether an order upgrades the generation that a manifest describes."""
    return "0x" + order.request.hex() == manifest.generation


def examine(
    ledger: Ledger, typed: Typed, terms: Terms, manifest: Manifest, order: Order, made: Attestation
) -> int:
    """Checks the attestation `made` of an upgrade and returns the upgrade's price.

    The oracles checked the track before its settlement, which the ledger confirms. The upgrade must
    have the same manifest and vector, and consent must permit the new use at the attested time.

    Raises:
        InvalidInput, Refused, Inconsistent: a check fails.
        Unavailable: the attested block is not closed here yet.
    """
    ordered = typed.order_hash(manifest.order)
    require_same("manifest.generation", manifest.generation, ordered)
    settlement = ledger.settlement(manifest.generation)
    if settlement is None:
        raise Inconsistent("is not settled", field="original", value=manifest.generation)
    require_same("original.manifest", settlement.manifest, made.manifest)
    require_same("attestation.entries", made.entries, manifest.entries)
    require_same("attestation.node", made.node, manifest.node)
    request = higher(manifest.request, tier_of(order))
    check_against(order, request, original=manifest.generation)
    block = _attested_block(ledger, terms, order, made)
    require_shares(ledger, decode_entries(made.entries), request, block)
    return upgrade_price(ledger, terms, manifest.request, request, block).amount


def _attested_block(ledger: Ledger, terms: Terms, order: Order, made: Attestation) -> Block:
    """The closed block with the attested time, so that a replaced consent applies as it does on
    the ledger: by the consent in force at that time."""
    closed = ledger.closed_block()
    if made.generated_at > closed.timestamp:
        value = made.generated_at
        raise Unavailable("is not closed here yet", field="attestation.generatedAt", value=value)
    age = closed.timestamp - made.generated_at
    if age > terms.max_age:
        raise Inconsistent(f"is {age} seconds old", field="attestation.generatedAt")
    if order.deadline < made.generated_at:
        raise Inconsistent("is after the order's deadline", field="attestation.generatedAt")
    return replace(closed, timestamp=made.generated_at)
