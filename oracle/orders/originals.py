"""The settled generation that an upgrade is about, from this oracle's own row or from the chain."""

from __future__ import annotations

from oracle.domain.cid import raw_cid, read
from oracle.domain.errors import NotFound, RefrainError, Refused, Unavailable
from oracle.domain.generation import Generation, Stage
from oracle.domain.ledger_views import Settlement
from oracle.domain.manifest import LARGEST, Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.ports import Ledger, Pinner, Store


def original_of(ledger: Ledger, pinner: Pinner, store: Store, generation: str) -> Generation:
    """A settled generation with its attestation.

    Any oracle of the set can upgrade it: what this oracle did not sign itself is in the manifest,
    whose digest is on the chain.

    Raises:
        NotFound: neither this oracle nor the chain knows it.
        Refused: it is not settled finally, or it is an upgrade itself.
        Unavailable: its manifest cannot be read now, or the chain does not answer.
    """
    known = _known(store, generation)
    # A row at another stage may be behind the chain, so the chain decides.
    if known is not None and known.stage is Stage.SETTLED and known.attestation is not None:
        return known
    return _described(generation, *_paid(ledger, pinner, generation, known is not None))


def _known(store: Store, generation: str) -> Generation | None:
    try:
        return store.load(generation)
    except NotFound:
        return None


def _paid(
    ledger: Ledger, pinner: Pinner, generation: str, known: bool
) -> tuple[Settlement, Manifest]:
    """The settlement on the chain, and the manifest whose digest it has."""
    settlement = ledger.settlement(generation)
    if settlement is None:
        if known:
            raise Refused("is not settled", field="original", value=generation)
        raise NotFound("is not known", field="original", value=generation)
    if settlement.block > ledger.final_block(settlement.price).number:
        raise Refused("is not settled finally yet", field="original", value=generation)
    return settlement, _manifest(pinner, generation, raw_cid(settlement.manifest))


def _manifest(pinner: Pinner, generation: str, cid: str) -> Manifest:
    try:
        made = parse_manifest(read(cid, pinner.block, LARGEST))
    except RefrainError as error:
        detail = f"has a manifest that cannot be read now: {error}"
        raise Unavailable(detail, field="original", value=generation) from error
    if made.generation != generation:
        raise Refused("is an upgrade itself", field="original", value=generation)
    return made


def _described(generation: str, settlement: Settlement, made: Manifest) -> Generation:
    return Generation(
        id=generation, request=made.request, order=made.order,
        order_signature=made.order_signature, price=settlement.price, stage=Stage.SETTLED,
        block=made.block, payee=made.node, audio=made.audio.cid, trace=made.trace.cid,
        manifest=raw_cid(settlement.manifest), vectors=made.vectors,
        attestation=made.attestation(settlement.manifest), transaction=settlement.transaction,
        settled_block=settlement.block,
    )  # fmt: skip
