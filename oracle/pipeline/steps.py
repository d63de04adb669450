"""The six steps of a generation. Each may run twice: it checks the outside state before it acts.

A step takes a generation and returns it at a later stage; at the same stage the generation waits.
Errors: Refused ends the generation as refused, an error that may pass is retried, and any other
error ends it as failed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from oracle.context import Context
from oracle.domain.attestation import Attested
from oracle.domain.cid import decode
from oracle.domain.errors import Inconsistent, RefrainError, Refused
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import to_bytes
from oracle.domain.terms import Terms
from oracle.orders import rechecks, upgrades
from oracle.orders.consent_checks import require_permitted, require_shares
from oracle.orders.copies import require_free
from oracle.orders.originals import original_of
from oracle.orders.room import require_allowance
from oracle.pipeline.ending import looked
from oracle.ports import GenerationNode, Ledger, Store
from oracle.quorum import batches, collecting, leading, receipts
from oracle.quorum.proposals import SingleAttestation
from oracle.tracks import manifests, node_jobs

log = logging.getLogger(__name__)

BEGINS = "is about to be made"


def check_consent(context: Context, generation: Generation) -> Generation:
    """Checks consent at a closed block. Later steps use the same block."""
    block = context.ledger.closed_block()
    if generation.order.deadline < block.timestamp:
        deadline = generation.order.deadline
        raise Refused("has passed", field="order.deadline", value=deadline)
    require_permitted(context.ledger, generation, block)
    if generation.original:
        # An upgrade makes no new track, so signing comes next.
        before = original_of(context.ledger, context.pinner, context.store, generation.original)
        return upgrades.attested(context.ledger, context.terms, before, generation, block)
    price = manifests.price_of(context.ledger, context.terms, generation, block)
    return replace(generation, stage=Stage.CONSENTED, block=block, price=price, detail="")


def generate(context: Context, generation: Generation) -> Generation:
    """Gets the track made; checks the finished track, then keeps it and its trace withheld."""
    found = node_jobs.look(context.nodes, generation)
    if found is None:
        return _begin(context, generation)
    node, job = found
    if job.state in ("queued", "running"):
        return replace(generation, detail=f"{job.state}, {job.progress} % made")
    made = node_jobs.collect(context.ledger, generation, node, job)
    return replace(
        generation, stage=Stage.GENERATED, detail="", vectors=made.vectors,
        audio=context.withheld.put(generation.id, made.audio),
        trace=context.withheld.put(generation.id, made.trace),
    )  # fmt: skip


def _begin(context: Context, generation: Generation) -> Generation:
    """Starts the job, after everything that may have changed since the order is checked again.

    The other oracles are asked now, because their answers name orders that came in the meantime.
    That the track will be made is saved first, and the job starts in the next step: so a
    cancellation comes either before that, and nothing is made, or too late.
    """
    makers = _makers(context.ledger, context.nodes, context.terms, generation)
    node, payee = makers[0]
    rechecks.before_making(context.ledger, context.terms, generation, payee)
    closed, asked = context.ledger.closed_block(), generation.request.weights()
    require_free(context.ledger, context.store, context.copies, asked, closed.number)
    held = context.store.reservations(generation.order.payer)
    require_allowance(context.terms, generation, held)
    fresh = leading.kept(context, generation, fresh=generation.detail != BEGINS)
    if fresh.stage is not Stage.CONSENTED or not leading.leads(context, fresh):
        return fresh
    begun = replace(fresh, node=node.url, payee=payee, made=True)
    if not generation.made:
        return replace(begun, detail=BEGINS)
    return _started(context.ledger, makers, begun)


def _started(
    ledger: Ledger, makers: Sequence[tuple[GenerationNode, str]], generation: Generation
) -> Generation:
    """The generation, begun by the first node that takes the job.

    A node may answer and yet take no job: its clock is wrong, its queue is full, or it lies.
    Raises the error of the preferred node when none takes it.
    """
    errors: list[RefrainError] = []
    for node, payee in makers:
        begun = replace(generation, node=node.url, payee=payee)
        try:
            job = node_jobs.begin(ledger, node, begun)
        except RefrainError as error:
            log.warning("%s is not begun by %s: %s", generation.id, node.url, error)
            errors.append(error)
            continue
        return replace(begun, detail=f"{job.state}, {job.progress} % made")
    raise errors[0]


def _makers(
    ledger: Ledger, nodes: Sequence[GenerationNode], terms: Terms, generation: Generation
) -> list[tuple[GenerationNode, str]]:
    """The nodes that may make the track, and their payees; only with room below their caps."""

    def has_room(payee: str) -> bool:
        return rechecks.room(ledger, terms, payee)[1] >= generation.price

    return node_jobs.choose_makers(ledger, nodes, generation.request.weights(), has_room)


def publish_manifest(context: Context, generation: Generation) -> Generation:
    """Pins the manifest, unless a recording's share of the track is larger than it permits."""
    ledger, terms = context.ledger, context.terms
    block = manifests.fresh_block(ledger, terms, generation)
    vector = generation.vectors[generation.request.rule]
    try:
        require_shares(ledger, vector, generation.request, block)
    except Refused as error:
        # The request was permitted and the engine missed the weights: not a refusal of the request.
        detail = f"the track may not be used: {error.detail}"
        raise Inconsistent(detail, public=True) from error
    priced = replace(generation, price=manifests.price_of(ledger, terms, generation, block))
    manifest = manifests.manifest_of(ledger, context.withheld, terms, priced, block)
    # Kept as well as pinned: the pinner of one oracle may lose it before it is paid.
    context.withheld.put(generation.id, to_bytes(manifest))
    cid = context.pinner.pin(to_bytes(manifest))
    attestation = manifest.attestation(decode(cid)[1])
    return replace(
        priced, stage=Stage.PUBLISHED, block=block, manifest=cid, attestation=attestation,
        detail="",
    )  # fmt: skip


def sign(context: Context, generation: Generation) -> Generation:
    """Collects the signatures of the threshold."""
    rechecks.before_signing(context.ledger, context.terms, generation)
    if batches.may_join(context.batch_queue, generation):
        return batches.join(context, generation)
    signatures = collecting.collect(context, SingleAttestation(generation.proposed()))
    return replace(generation, stage=Stage.SIGNED, signatures=signatures, detail="")


def post(context: Context, generation: Generation) -> Generation:
    """Posts the settlement, unless it would revert now."""
    rechecks.before_posting(context.ledger, context.terms, generation)
    try:
        transaction = _send(context, generation)
    except Inconsistent as error:
        return _continue_alone(generation, error)
    return replace(generation, stage=Stage.POSTED, transaction=transaction, detail="")


def confirm(context: Context, generation: Generation) -> Generation:
    """Sends the transaction again where it was lost, and waits for the settlement."""
    try:
        settlement = context.sender.outcome(generation.id, generation.batch)
    except Inconsistent as error:
        return _continue_alone(generation, error)
    if settlement is None:
        return replace(generation, detail="waiting for the chain")
    return looked(context.ledger, generation)


def _send(context: Context, generation: Generation) -> str:
    if generation.batch:
        members = [_member(context.store, each) for each in generation.batch]
        return context.sender.post_batch(generation.batch, members, generation.signatures)
    own = generation.attested()
    return context.sender.post(
        generation.id, own.order, own.order_signature, own.attestation, generation.signatures,
        receipts.receipt_of(context, generation),
    )  # fmt: skip


def _member(store: Store, generation: str) -> Attested:
    """What was signed of a generation of a batch.

    Raises:
        Inconsistent: this oracle has it no more, so the signatures of the batch cannot be used.
    """
    known = store.known(generation)
    if known is None or known.attestation is None:
        detail = "has no attestation here any more"
        raise Inconsistent(detail, field="batch", value=generation)
    return known.attested()


def _continue_alone(generation: Generation, error: Inconsistent) -> Generation:
    """Takes a generation out of a batch that did not settle it; raises when it was alone."""
    if not generation.batch:
        raise error
    log.warning("%s is not settled in a batch: %s", generation.id, error)
    return batches.released(generation, "not settled in a batch, and goes on alone")
