"""Writes the manifest of a finished track from what was pinned and what the chain says."""

from __future__ import annotations

import hashlib

from oracle.domain.attribution import encode_entries
from oracle.domain.audio import read_wave
from oracle.domain.block import Block
from oracle.domain.generation import Generation
from oracle.domain.manifest import Content, Manifest, Source
from oracle.domain.trace import read_trace
from oracle.making import block_of
from oracle.pricing import price_at, require_affordable
from oracle.repertoire import registered, require_consent
from oracle.world import World


def fresh_block(world: World, generation: Generation) -> Block:
    """The block to attest: the one consent was read at, unless it has grown old since.

    A track that took long would else be signed too late to be posted. Consent is asked again.
    """
    block, closed = block_of(generation), world.ledger.closed_block()
    if closed.timestamp - block.timestamp <= world.terms.max_age // 2:
        return block
    require_consent(world.ledger, generation.request, closed)
    return closed


def price_of(world: World, generation: Generation, block: Block) -> int:
    """What a generation costs at the block that is attested; owners may change their floors.

    Raises:
        Refused: more than the order allows; names the recording whose floor it is.
    """
    price = price_at(world, generation.request, block)
    return require_affordable(price, generation.order.max_price)


def manifest_of(world: World, generation: Generation, block: Block) -> Manifest:
    """The manifest of a generation whose audio and trace are pinned; both are read back."""
    audio, trace = world.pinner.fetch(generation.audio), world.pinner.fetch(generation.trace)
    wave = read_wave(audio)
    request, terms = generation.request, world.terms
    recordings = registered(world.ledger, request, block)
    return Manifest(
        chain_id=world.ledger.chain_id,
        ledger=world.ledger.address,
        block=block,
        request=request,
        order=generation.order,
        order_signature=generation.order_signature,
        generation=generation.id,
        engine=read_trace(trace, request, generation.id).engine,
        references=tuple(Source(r.id, r.audio, r.metadata) for r in recordings.values()),
        audio=_content(generation.audio, audio),
        frames=wave.frames,
        samples=wave.samples_digest(),
        trace=_content(generation.trace, trace),
        vectors=generation.vectors,
        price=generation.price,
        node=generation.payee,
        node_fee=terms.node_fee(generation.price),
        entries=encode_entries(generation.vectors[request.rule]),
        oracle_set=terms.oracle_set,
    )


def _content(cid: str, data: bytes) -> Content:
    return Content(cid, hashlib.sha256(data).hexdigest())
