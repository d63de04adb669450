"""The six steps of a generation. Each may run twice and looks before it does anything outside.

A step takes a generation and returns it further on; returned at the same stage, it waits. What it
cannot do it raises: Refused ends as refused, what may pass is tried again, the rest has failed.
"""

from __future__ import annotations

from dataclasses import replace

from oracle import batching, making, publishing, quorum, upgrading
from oracle.domain.attestation import Attestation
from oracle.domain.attribution import decode_entries
from oracle.domain.cid import decode
from oracle.domain.errors import Inconsistent, Refused
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import to_bytes
from oracle.domain.money import divide
from oracle.motions import Alone
from oracle.ports import Settlement
from oracle.repertoire import require_permitted, require_shares
from oracle.world import World


def check_consent(world: World, generation: Generation) -> Generation:
    """Reads consent at a closed block; that block dates everything that follows."""
    settlement = world.ledger.settlement(generation.id)
    if settlement:
        return settled(generation, settlement)
    block = world.ledger.closed_block()
    if generation.order.deadline < block.timestamp:
        deadline = generation.order.deadline
        raise Refused("the deadline has passed", field="order.deadline", value=deadline)
    require_permitted(world.ledger, generation, block)
    if generation.original:
        # Nothing is made anew: what is left to do is to sign and to post.
        return upgrading.attested(world, generation, block)
    price = publishing.price_of(world, generation, block)
    return replace(generation, stage=Stage.CONSENTED, block=block, price=price, detail="")


def generate(world: World, generation: Generation) -> Generation:
    """Has the track made; once it is there, checks it and pins it and its trace."""
    begun, node, job = making.look_or_start(world, generation)
    if job.state in ("queued", "running"):
        return replace(begun, detail=f"{job.state}, {job.progress} % made")
    made = making.collect(world, begun, node, job)
    return replace(
        begun, stage=Stage.GENERATED, detail="", vectors=made.vectors,
        audio=world.pinner.pin(made.audio), trace=world.pinner.pin(made.trace),
    )  # fmt: skip


def publish_manifest(world: World, generation: Generation) -> Generation:
    """Pins the manifest, unless the track turned out to hold more of someone than permitted."""
    block = publishing.fresh_block(world, generation)
    vector = generation.vectors[generation.request.rule]
    try:
        require_shares(world.ledger, vector, generation.request, block)
    except Refused as error:
        # What was asked for was permitted and the engine overshot: no refusal of the app's wish.
        raise Inconsistent(f"the track may not be used, {error.detail}") from error
    priced = replace(generation, price=publishing.price_of(world, generation, block))
    manifest = publishing.manifest_of(world, priced, block)
    cid = world.pinner.pin(to_bytes(manifest))
    attestation = manifest.attestation(decode(cid)[1])
    return replace(
        priced, stage=Stage.PUBLISHED, block=block, manifest=cid, attestation=attestation,
        detail="",
    )  # fmt: skip


def sign(world: World, generation: Generation) -> Generation:
    """Gathers the signatures; another oracle may have settled the same order meanwhile."""
    settlement = world.ledger.settlement(generation.id)
    if settlement:
        return settled(generation, settlement)
    if batching.may_join(world, generation):
        return batching.join(world, generation)
    signatures = quorum.collect(world, Alone(generation.attested()))
    return replace(generation, stage=Stage.SIGNED, signatures=signatures, detail="")


def post(world: World, generation: Generation) -> Generation:
    """Sends the settlement, unless the chain has it already."""
    settlement = world.ledger.settlement(generation.id)
    try:
        transaction = settlement.transaction if settlement else _send(world, generation)
    except Inconsistent as error:
        return _freed(generation, error)
    return replace(generation, stage=Stage.POSTED, transaction=transaction, detail="")


def confirm(world: World, generation: Generation) -> Generation:
    """Waits for the settlement and compares it with what was signed."""
    try:
        settlement = world.sender.outcome(generation.id, generation.batch)
    except Inconsistent as error:
        return _freed(generation, error)
    if settlement is None:
        return replace(generation, detail="waiting for the chain")
    return settled(generation, settlement)


def settled(generation: Generation, settlement: Settlement) -> Generation:
    """The end of a generation that the chain has settled, by us or through another oracle.

    Raises:
        Inconsistent: the chain divided other money than was signed.
    """
    ours, detail = generation.attestation, ""
    if ours is not None and ours.manifest == settlement.manifest:
        _require_division(ours, settlement)
    else:
        detail = f"settled through another oracle by manifest 0x{settlement.manifest.hex()}"
    return replace(
        generation, stage=Stage.SETTLED, detail=detail,
        transaction=settlement.transaction, settled_block=settlement.block,
    )  # fmt: skip


def _send(world: World, generation: Generation) -> str:
    if generation.batch:
        members = [world.store.load(each).attested() for each in generation.batch]
        return world.sender.post_batch(generation.batch, members, generation.signatures)
    own = generation.attested()
    return world.sender.post(
        generation.id, own.order, own.order_signature, own.attestation, generation.signatures,
        upgrading.receipt_of(world, generation),
    )  # fmt: skip


def _freed(generation: Generation, error: Inconsistent) -> Generation:
    """Out of a batch that settled nothing, on by itself; raises of one that was by itself."""
    if not generation.batch:
        raise error
    return batching.freed(generation, f"not settled in a batch: {error}")


def _require_division(attestation: Attestation, settlement: Settlement) -> None:
    vector = decode_entries(attestation.entries)
    amounts = divide(sum(settlement.amounts), list(vector.values()))
    expected = (attestation.price, tuple(vector), amounts)
    found = (settlement.price, settlement.recordings, settlement.amounts)
    if found != expected:
        raise Inconsistent(f"should be {expected}", field="settlement", value=found)
