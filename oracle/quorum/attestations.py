"""Checks an attestation before this oracle signs it, from manifest, chain and own copies only.

Audio and trace are not public yet: the oracle copies both into its own withheld store before it
signs. The leading oracle and the co-signing oracles run the same checks; none trusts another. Nodes
of this oracle's own settings compose and render the track again: see `oracle.quorum.checks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from oracle.context import Context
from oracle.domain import audio, batch, money, trace
from oracle.domain.attestation import Attestation, Attested, OracleSet
from oracle.domain.attribution import PAYABLE, decode_entries
from oracle.domain.audio import read_wave
from oracle.domain.cid import raw_cid
from oracle.domain.errors import (
    Inconsistent,
    InvalidInput,
    Unavailable,
    WrongBytes,
    require_same,
)
from oracle.domain.manifest import Content, Manifest, to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.order import Order
from oracle.domain.proposal import Proposed
from oracle.domain.seat import Seat, accepting
from oracle.domain.terms import Terms
from oracle.domain.trace import read_trace, require_fitting, require_steered
from oracle.orders import upgrades
from oracle.orders.consent_checks import registered, require_consent, require_shares
from oracle.orders.copies import require_free
from oracle.orders.prices import price_at
from oracle.orders.upgrades import is_upgrade
from oracle.ports import Ledger, Pinner, Typed
from oracle.quorum.checks import require_checked
from oracle.quorum.copies import Copies


def attest(context: Context, proposed: Proposed) -> tuple[str, str]:
    """Checks and signs an attestation; returns this oracle's address and signature.

    The oracle signs only under the ballot that it promised or a higher one, and saves before it
    signs. Under a higher ballot it may sign another attestation of the same order. For the same
    attestation it returns the same signature without another check.

    Raises:
        Conflict: a higher ballot has the order, or it is cancelled or not reserved here.
        InvalidInput, Refused, Inconsistent: a check fails.
        Unavailable: a service that a check needs does not answer.
    """
    generation = _commit(context, proposed)
    signature = context.attester.sign(proposed.attestation, generation, context.set_id)
    return context.attester.address, signature


def attest_batch(context: Context, members: Sequence[Proposed]) -> tuple[str, str]:
    """As `attest`, for generations that are settled together: one signature covers all.

    Raises:
        InvalidInput: the batch is empty or too large, has an order twice, or a number does not fit.
        Otherwise as `attest`, for the first member that fails.
    """
    _require_batch([proposed.member for proposed in members])
    for proposed in members:
        _commit(context, proposed)
    attested = [proposed.member for proposed in members]
    signed = hashes(context.typed, context.terms.oracle_set, attested)
    return context.attester.address, context.attester.sign_batch(signed)


def hashes(typed: Typed, oracle_set: OracleSet, members: Sequence[Attested]) -> list[bytes]:
    """The struct hashes of attestations by an oracle set; a batch's signature covers these."""
    set_id = typed.set_id(oracle_set)
    return [
        typed.attestation_hash(member.attestation, typed.order_hash(member.order), set_id)
        for member in members
    ]


def _commit(context: Context, proposed: Proposed) -> str:
    """Accepts a proposal after its check, and saves that; returns the generation's id."""
    proposed.ballot.require_timely(context.clock.now())
    order, made = proposed.order, proposed.attestation
    generation = context.typed.order_hash(order)

    def accept(seat: Seat | None) -> Seat:
        return accepting(seat, generation, proposed.ballot, made)

    seat = context.store.seat(order.payer, order.nonce)
    accept(seat)  # Refuses at once what the checks below could not change.
    accepted = seat.accepted if seat else None
    if accepted is None or accepted.attestation != made:
        examine(context, order, proposed.member.order_signature, made)
    context.store.change_seat(order.payer, order.nonce, accept)
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


def examine(context: Context, order: Order, signature: str, attestation: Attestation) -> None:
    """Raises unless the attestation follows from the order, the chain and the pinned files."""
    ledger, typed, terms = context.ledger, context.typed, context.terms
    manifest = _manifest(context.pinner, attestation)
    _require_ledger(ledger, typed, manifest, order, signature)
    if is_upgrade(manifest, order):
        price = upgrades.examine(ledger, typed, terms, manifest, order, attestation)
        return _require_money(ledger, terms, order, attestation, price)
    require_same("attestation", attestation, manifest.attestation(attestation.manifest))
    _require_order(typed, manifest, order, signature)
    _require_block(ledger, terms, manifest)
    require_same("manifest.set", manifest.oracle_set, terms.oracle_set)
    price = price_at(ledger, terms, manifest.request, manifest.block).amount
    _require_money(ledger, terms, order, attestation, price)
    require_consent(ledger, manifest.request, manifest.block)
    weights, number = manifest.request.weights(), manifest.block.number
    require_free(ledger, context.store, context.copies, weights, number)
    vector = decode_entries(manifest.entries)
    require_shares(ledger, vector, manifest.request, manifest.block)
    copies = Copies(context.withheld, context.peers, manifest.generation)
    prompt = context.store.load(manifest.generation).prompt
    sound, data = _track(ledger, copies, manifest, prompt)
    require_checked(context.nodes, context.store, manifest, sound, data)
    # Its own copy of all three files lets this oracle deliver them alone.
    for file in (sound, data, to_bytes(manifest)):
        context.withheld.put(manifest.generation, file)


def _manifest(pinner: Pinner, attestation: Attestation) -> Manifest:
    data = pinner.fetch(raw_cid(attestation.manifest))
    if hashlib.sha256(data).digest() != attestation.manifest:
        raise WrongBytes("does not hash to the attestation's digest", field="manifest")
    return parse_manifest(data)


def _require_ledger(
    ledger: Ledger, typed: Typed, manifest: Manifest, order: Order, signature: str
) -> None:
    require_same("manifest.chain.id", manifest.chain_id, ledger.chain_id)
    require_same("manifest.chain.ledger", manifest.ledger, ledger.address)
    signer = typed.order_signer(order, signature)
    require_same("order_signature", signer.lower(), order.payer.lower())


def _require_order(typed: Typed, manifest: Manifest, order: Order, signature: str) -> None:
    require_same("manifest.order", manifest.order, order)
    require_same("manifest.order_signature", manifest.order_signature, signature)
    require_same("manifest.generation", manifest.generation, typed.order_hash(order))
    if manifest.request.rule not in PAYABLE:
        raise Inconsistent("is not payable", field="manifest.rule", value=manifest.request.rule)


def _require_block(ledger: Ledger, terms: Terms, manifest: Manifest) -> None:
    """The block must be on the chain, closed, and young enough for a timely settlement."""
    block, closed = manifest.block, ledger.closed_block()
    if block.number > closed.number:
        raise Unavailable("is not closed here yet", field="manifest.block", value=block.number)
    require_same("manifest.block", block, ledger.block_at(block.number))
    age = closed.timestamp - block.timestamp
    if age > terms.max_age:
        raise Inconsistent(f"is {age} seconds old", field="manifest.block", value=block.number)
    if manifest.order.deadline < block.timestamp:
        raise Inconsistent("is after the order's deadline", field="manifest.block")


def _require_money(
    ledger: Ledger, terms: Terms, order: Order, made: Attestation, price: int
) -> None:
    """Price and fees must be the ones of this oracle's terms, and the ledger must accept them."""
    require_same("manifest.price", made.price, price)
    require_same("manifest.node_fee", made.node_fee, terms.node_fee(price))
    if price > order.max_price:
        raise Inconsistent("is above the order's maxPrice", field="manifest.price", value=price)
    if not ledger.node_allowed(made.node):
        raise Inconsistent("is not allowed by the ledger", field="manifest.node", value=made.node)
    found = ledger.set_terms(terms.oracle_set)
    if not found.active or found.until <= made.generated_at:
        raise Inconsistent("is not active", field="manifest.set")
    if made.node_fee * money.BASIS > price * found.node_cap_bps:
        raise Inconsistent("is above the set's cap", field="manifest.node_fee")


def _track(
    ledger: Ledger, copies: Copies, manifest: Manifest, prompt: str
) -> tuple[bytes, bytes]:
    """The audio file and the trace, after comparing them with manifest, request and chain.

    The entries need no check here: `parse_manifest` refuses entries that are not the rule's vector.
    """
    recordings = registered(ledger, manifest.request, manifest.block)
    for source in manifest.references:
        known = recordings[source.recording]
        claimed, expected = (source.audio, source.metadata), (known.audio, known.metadata)
        require_same("manifest.references", claimed, expected)
    sound = _content(copies, manifest.audio, "manifest.audio", audio.LARGEST)
    wave = read_wave(sound)
    require_same("manifest.audio.frames", wave.frames, manifest.frames)
    require_same("manifest.audio.samples", wave.samples_digest(), manifest.samples)
    data = _content(copies, manifest.trace, "manifest.trace", trace.LARGEST)
    found = read_trace(data, manifest.request, manifest.generation)
    require_same("manifest.engine", manifest.engine, found.engine)
    require_steered(found, prompt)
    require_fitting(wave, found, recordings)
    for rule in PAYABLE:
        require_same(f"manifest.vectors.{rule}", manifest.vectors[rule], found.vectors[rule])
    return sound, data


def _content(copies: Copies, content: Content, field: str, largest: int) -> bytes:
    data = copies.read(content.cid, largest)
    require_same(f"{field}.sha256", content.sha256, hashlib.sha256(data).hexdigest())
    return data
