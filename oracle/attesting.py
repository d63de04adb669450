"""What an oracle asks before it signs: everything again, from the manifest, chain and IPFS alone.

The same for the oracle that leads a generation and for those that co-sign it; neither believes the
other. A track is rendered again by a node that is not paid for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from oracle import upgrading
from oracle.comparing import require_same
from oracle.domain import batch, money
from oracle.domain.attestation import Attestation, Attested
from oracle.domain.attribution import PAYABLE, decode_entries
from oracle.domain.audio import Wave, largest_difference, read_wave
from oracle.domain.cid import raw_cid
from oracle.domain.errors import (
    Inconsistent,
    InvalidInput,
    RefrainError,
    Unavailable,
    WrongBytes,
)
from oracle.domain.manifest import Content, Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.order import Order
from oracle.domain.trace import read_trace
from oracle.making import require_fitting
from oracle.ports import GenerationNode
from oracle.pricing import price_at, set_terms
from oracle.repertoire import registered, require_consent, require_shares
from oracle.upgrading import is_upgrade
from oracle.world import World

RENDER_TOLERANCE = 1
"""Steps of the last bit that a replay may differ by: rounding flips between processors are rare,
not impossible."""


def attest(world: World, order: Order, signature: str, attestation: Attestation) -> tuple[str, str]:
    """This oracle's address and signature, once everything holds.

    It commits itself to the attestation before it signs and never signs another of the order;
    asked again for the same one, it answers the same without checking anew.

    Raises:
        Conflict: it is committed to another attestation of this order.
        InvalidInput, Refused, Inconsistent: something does not hold.
        Unavailable: something that had to be asked did not answer.
    """
    generation = _commit(world, Attested(order, signature, attestation))
    set_id = world.typed.set_id(world.terms.oracle_set)
    return world.attester.address, world.attester.sign(attestation, generation, set_id)


def attest_batch(world: World, members: Sequence[Attested]) -> tuple[str, str]:
    """The same for generations that are settled together: one signature over all of them.

    Raises:
        InvalidInput: they are no batch: none or too many, one twice, or a number too large for it;
            else as `attest` does, of the first that does not hold.
    """
    _require_batch(members)
    for member in members:
        _commit(world, member)
    return world.attester.address, world.attester.sign_batch(hashes(world, members))


def hashes(world: World, members: Sequence[Attested]) -> list[bytes]:
    """The struct hashes of attestations by our set: what its signature over a batch is of."""
    typed, set_id = world.typed, world.typed.set_id(world.terms.oracle_set)
    return [
        typed.attestation_hash(member.attestation, typed.order_hash(member.order), set_id)
        for member in members
    ]


def _commit(world: World, member: Attested) -> str:
    """The generation's id, once this oracle is bound to this attestation of it."""
    generation = world.typed.order_hash(member.order)
    if world.store.bound(generation) is None:
        examine(world, member.order, member.order_signature, member.attestation)
    world.store.bind(generation, member.attestation)
    return generation


def _require_batch(members: Sequence[Attested]) -> None:
    if not 1 <= len(members) <= batch.MOST:
        detail = f"must hold 1 to {batch.MOST} generations"
        raise InvalidInput(detail, field="members", value=len(members))
    if len({member.order for member in members}) < len(members):
        raise InvalidInput("must not hold one order twice", field="members")
    for index, member in enumerate(members):
        if not batch.fits(member):
            raise InvalidInput("is too large for a batch", field=f"members[{index}]")


def examine(world: World, order: Order, signature: str, attestation: Attestation) -> None:
    """Raises unless the attestation follows from the order, the chain and what is pinned."""
    manifest = _manifest(world, attestation)
    _require_ledger(world, manifest, order, signature)
    if is_upgrade(manifest, order):
        price = upgrading.examine(world, manifest, order, attestation)
        return _require_money(world, order, attestation, price)
    require_same("attestation", attestation, manifest.attestation(attestation.manifest))
    _require_order(world, manifest, order, signature)
    _require_block(world, manifest)
    require_same("manifest.set", manifest.oracle_set, world.terms.oracle_set)
    price = price_at(world, manifest.request, manifest.block).amount
    _require_money(world, order, attestation, price)
    require_consent(world.ledger, manifest.request, manifest.block)
    vector = decode_entries(manifest.entries)
    require_shares(world.ledger, vector, manifest.request, manifest.block)
    _require_replay(world, manifest, *_track(world, manifest))


def _manifest(world: World, attestation: Attestation) -> Manifest:
    data = world.pinner.fetch(raw_cid(attestation.manifest))
    if hashlib.sha256(data).digest() != attestation.manifest:
        raise WrongBytes("is not what was asked for", field="manifest")
    return parse_manifest(data)


def _require_ledger(world: World, manifest: Manifest, order: Order, signature: str) -> None:
    require_same("manifest.chain.id", manifest.chain_id, world.ledger.chain_id)
    require_same("manifest.chain.ledger", manifest.ledger, world.ledger.address)
    signer = world.typed.order_signer(order, signature)
    require_same("order_signature", signer.lower(), order.payer.lower())


def _require_order(world: World, manifest: Manifest, order: Order, signature: str) -> None:
    require_same("manifest.order", manifest.order, order)
    require_same("manifest.order_signature", manifest.order_signature, signature)
    require_same("manifest.generation", manifest.generation, world.typed.order_hash(order))
    if manifest.request.rule not in PAYABLE:
        raise Inconsistent("cannot be paid by", field="manifest.rule", value=manifest.request.rule)


def _require_block(world: World, manifest: Manifest) -> None:
    """The block must be the chain's, closed, and young enough that a settlement comes in time."""
    block, closed = manifest.block, world.ledger.closed_block()
    if block.number > closed.number:
        raise Unavailable("is not closed here yet", field="manifest.block", value=block.number)
    require_same("manifest.block", block, world.ledger.block_at(block.number))
    age = closed.timestamp - block.timestamp
    if age > world.terms.max_age:
        raise Inconsistent(f"is {age} seconds old", field="manifest.block", value=block.number)
    if manifest.order.deadline < block.timestamp:
        raise Inconsistent("is after the order's deadline", field="manifest.block")


def _require_money(world: World, order: Order, made: Attestation, price: int) -> None:
    """Price and fees are as we would have them, and the ledger would take them."""
    terms = world.terms
    require_same("manifest.price", made.price, price)
    require_same("manifest.node_fee", made.node_fee, terms.node_fee(price))
    if price > order.max_price:
        raise Inconsistent("is above the order's maxPrice", field="manifest.price", value=price)
    if not world.ledger.node_allowed(made.node):
        raise Inconsistent("may not be paid", field="manifest.node", value=made.node)
    found = set_terms(world)
    if not found.active or found.until <= made.generated_at:
        raise Inconsistent("is not active", field="manifest.set")
    if made.node_fee * money.BASIS > price * found.node_cap_bps:
        raise Inconsistent("is above the set's cap", field="manifest.node_fee")


def _track(world: World, manifest: Manifest) -> tuple[Wave, bytes]:
    """The audio and the trace's bytes, once they agree with manifest, request and chain.

    The entries then follow from the trace: a manifest whose entries are not the vector of its rule
    is not even read.
    """
    recordings = registered(world.ledger, manifest.request, manifest.block)
    for source in manifest.references:
        known = recordings[source.recording]
        given, found = (source.audio, source.metadata), (known.audio, known.metadata)
        require_same("manifest.references", given, found)
    wave = read_wave(_content(world, manifest.audio, "manifest.audio"))
    require_same("manifest.audio.frames", wave.frames, manifest.frames)
    require_same("manifest.audio.samples", wave.samples_digest(), manifest.samples)
    data = _content(world, manifest.trace, "manifest.trace")
    trace = read_trace(data, manifest.request, manifest.generation)
    require_same("manifest.engine", manifest.engine, trace.engine)
    require_fitting(wave, trace, recordings)
    for rule in PAYABLE:
        require_same(f"manifest.vectors.{rule}", manifest.vectors[rule], trace.vectors[rule])
    return wave, data


def _content(world: World, content: Content, field: str) -> bytes:
    data = world.pinner.fetch(content.cid)
    require_same(f"{field}.sha256", content.sha256, hashlib.sha256(data).hexdigest())
    return data


def _require_replay(world: World, manifest: Manifest, wave: Wave, trace: bytes) -> None:
    """Whether the trace renders this very audio, by the word of a node that gains nothing."""
    again = read_wave(_replayer(world, manifest.node).replay(trace))
    worst = largest_difference(again.pcm, wave.pcm)
    if worst > RENDER_TOLERANCE:
        detail = f"does not replay to its audio, which differs by {worst} of 32,768"
        raise Inconsistent(detail, field="trace")


def _replayer(world: World, maker: str) -> GenerationNode:
    for node in world.nodes:
        try:
            payee = node.payee()
        except RefrainError:
            continue
        if payee.lower() != maker.lower():
            return node
    raise Unavailable("no generation node but the maker's own answers for a replay")
