"""Upgrades: a settled generation for a higher tier. The track, its manifest and its vector stay.

The order's `request` is the original's id, so the order itself says what it upgrades. What is new
is asked anew: consent for the new use at a fresh block, and the price, the difference of the tiers.
Only the oracle that gathered the original's signatures can lead one: they are its receipt.
"""

from __future__ import annotations

from dataclasses import replace

from oracle.comparing import require_same
from oracle.domain.attestation import Attestation, OracleSet, Receipt
from oracle.domain.attribution import decode_entries
from oracle.domain.block import Block
from oracle.domain.consent import TIERS
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound, Refused, Unavailable
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.order import Order, check_against
from oracle.domain.request import Request
from oracle.pricing import require_affordable, upgrade_price
from oracle.repertoire import require_shares
from oracle.world import World


def original_of(world: World, generation: str) -> Generation:
    """A generation that can be upgraded here.

    Raises:
        NotFound: this oracle does not know it.
        Refused: it is not settled, or this oracle has not its signatures.
    """
    try:
        known = world.store.load(generation)
    except NotFound as error:
        detail = "is not known to this oracle; ask the one that made it"
        raise NotFound(detail, field="original", value=generation) from error
    if known.stage != Stage.SETTLED:
        raise Refused("is not settled", field="original", value=known.stage)
    if known.attestation is None or not known.signatures:
        raise Refused("was settled by another oracle; ask that one", field="original")
    return known


def higher(request: Request, tier: str) -> Request:
    """The same request for a higher tier. Raises InvalidInput when it is not higher."""
    if tier not in TIERS or TIERS[tier].number <= TIERS[request.tier].number:
        raise InvalidInput(f"must be higher than {request.tier}", field="tier", value=tier)
    return replace(request, tier=tier)


def tier_of(order: Order) -> str:
    """The name of an order's tier. Raises InvalidInput when there is none of that number."""
    for name, tier in TIERS.items():
        if tier.number == order.tier:
            return name
    raise InvalidInput("is no tier", field="order.tier", value=order.tier)


def begun(before: Generation, request: Request, order: Order, signature: str) -> Generation:
    """The upgrade as a generation: all that was made stays the original's."""
    return Generation(
        id="", request=request, order=order, order_signature=signature, price=0,
        original=before.id, node=before.node, payee=before.payee, audio=before.audio,
        trace=before.trace, manifest=before.manifest, vectors=before.vectors,
    )  # fmt: skip


def attested(world: World, generation: Generation, block: Block) -> Generation:
    """The upgrade with what is to be signed about it, consent and price as of `block`."""
    before = original_of(world, generation.original)
    found = upgrade_price(world, before.request, generation.request, block)
    price = require_affordable(found, generation.order.max_price)
    made = replace(
        before.attested().attestation, price=price, node_fee=world.terms.node_fee(price),
        generated_at=block.timestamp,
    )  # fmt: skip
    return replace(
        generation, stage=Stage.PUBLISHED, block=block, price=price, attestation=made, detail="",
    )  # fmt: skip


def receipt_of(world: World, generation: Generation) -> Receipt | None:
    """What proves the original of an upgrade to the ledger; None when it is no upgrade."""
    if not generation.original:
        return None
    before = original_of(world, generation.original)
    signers = parse_manifest(world.pinner.fetch(before.manifest)).oracle_set
    made, beside = before.attested().attestation, _batch(world, before, signers)
    return Receipt(before.order, made, signers, before.signatures, beside)


def _batch(world: World, before: Generation, signers: OracleSet) -> tuple[bytes, ...]:
    """The struct hashes of all that was signed with it; none when it was signed by itself."""
    set_id = world.typed.set_id(signers)
    return tuple(
        world.typed.attestation_hash(world.store.load(each).attested().attestation, each, set_id)
        for each in before.batch
    )


def is_upgrade(manifest: Manifest, order: Order) -> bool:
    """Whether an order is for another tier of what a manifest describes."""
    return "0x" + order.request.hex() == manifest.generation


def examine(world: World, manifest: Manifest, order: Order, made: Attestation) -> int:
    """What the upgrade that `made` attests costs.

    The track was examined when it was settled, which the ledger is asked for; here it must be of
    the same manifest and vector, for a use that stands at the attested time.

    Raises:
        InvalidInput, Refused, Inconsistent: something does not hold.
        Unavailable: the attested block is not closed here yet.
    """
    require_same("manifest.generation", manifest.generation, world.typed.order_hash(manifest.order))
    settlement = world.ledger.settlement(manifest.generation)
    if settlement is None:
        raise Inconsistent("is not settled", field="original", value=manifest.generation)
    require_same("original.manifest", settlement.manifest, made.manifest)
    require_same("attestation.entries", made.entries, manifest.entries)
    require_same("attestation.node", made.node, manifest.node)
    request = higher(manifest.request, tier_of(order))
    check_against(order, request, original=manifest.generation)
    block = _judged(world, order, made)
    require_shares(world.ledger, decode_entries(made.entries), request, block)
    return upgrade_price(world, manifest.request, request, block).amount


def _judged(world: World, order: Order, made: Attestation) -> Block:
    """Our closed block, with the time that is attested: of a consent replaced since, the ledger
    takes the one that stood then, and so do we."""
    closed = world.ledger.closed_block()
    if made.generated_at > closed.timestamp:
        value = made.generated_at
        raise Unavailable("is not closed here yet", field="attestation.generatedAt", value=value)
    age = closed.timestamp - made.generated_at
    if age > world.terms.max_age:
        raise Inconsistent(f"is {age} seconds old", field="attestation.generatedAt")
    if order.deadline < made.generated_at:
        raise Inconsistent("is after the order's deadline", field="attestation.generatedAt")
    return replace(closed, timestamp=made.generated_at)
