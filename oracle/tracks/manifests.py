"""Writes the manifest of a finished track from its withheld files and the chain."""

from __future__ import annotations

import hashlib

from oracle.domain.attribution import encode_entries
from oracle.domain.audio import read_wave
from oracle.domain.block import Block
from oracle.domain.generation import Generation
from oracle.domain.manifest import Content, Manifest, Source
from oracle.domain.terms import Terms
from oracle.domain.trace import read_trace
from oracle.orders.consent_checks import registered, require_consent
from oracle.orders.prices import price_at, require_affordable
from oracle.ports import Ledger, Withheld
from oracle.tracks.node_jobs import block_of


def fresh_block(ledger: Ledger, terms: Terms, generation: Generation) -> Block:
    """The block to attest: the one at which consent was read, or the closed block if it is too old.

    Without the newer block, a track that took long would be signed too late to be posted. Consent
    is checked again at the newer block.
    """
    block, closed = block_of(generation), ledger.closed_block()
    if closed.timestamp - block.timestamp <= terms.max_age // 2:
        return block
    require_consent(ledger, generation.request, closed)
    return closed


def price_of(ledger: Ledger, terms: Terms, generation: Generation, block: Block) -> int:
    """The price of a generation at the attested block; owners may have changed their floors.

    Raises:
        Refused: more than the order allows; names the recording whose floor decides.
    """
    price = price_at(ledger, terms, generation.request, block)
    return require_affordable(price, generation.order.max_price)


def manifest_of(
    ledger: Ledger, withheld: Withheld, terms: Terms, generation: Generation, block: Block
) -> Manifest:
    """The manifest of a generation whose audio and trace are withheld; reads both files back."""
    audio = withheld.fetch(generation.id, generation.audio)
    trace = withheld.fetch(generation.id, generation.trace)
    wave, request = read_wave(audio), generation.request
    recordings = registered(ledger, request, block)
    return Manifest(
        chain_id=ledger.chain_id,
        ledger=ledger.address,
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
