"""A generation whose settlement the chain shows."""

from __future__ import annotations

import logging
from dataclasses import replace

from oracle.domain.attestation import Attestation
from oracle.domain.attribution import decode_entries
from oracle.domain.cid import raw_cid
from oracle.domain.errors import Inconsistent, RefrainError
from oracle.domain.generation import Generation, Stage
from oracle.domain.money import divide
from oracle.ports import Settlement

log = logging.getLogger(__name__)


def settled(generation: Generation, settlement: Settlement) -> Generation:
    """The generation, settled finally by this oracle or by another one; its files come next.

    A chain that divided the money in another way than was signed is an error for the operator. The
    payer has paid all the same, so the track is delivered.
    """
    ours, paid = generation.attestation, generation
    if ours is not None and ours.manifest == settlement.manifest:
        try:
            _require_division(ours, settlement)
        except RefrainError as error:
            log.error("%s: %s", generation.id, error)
    else:
        # What this oracle knows of the track, if anything, is of another one than was paid.
        cid = raw_cid(settlement.manifest)
        paid = replace(generation, attestation=None, manifest=cid, audio="", trace="", vectors={},
                       price=settlement.price, signatures={})  # fmt: skip
    return replace(
        paid, stage=Stage.CONFIRMED, detail="",
        transaction=settlement.transaction, settled_block=settlement.block,
    )  # fmt: skip


def _require_division(attestation: Attestation, settlement: Settlement) -> None:
    vector = decode_entries(attestation.entries)
    amounts = divide(sum(settlement.amounts), list(vector.values()))
    expected = (attestation.price, tuple(vector), amounts)
    found = (settlement.price, settlement.recordings, settlement.amounts)
    if found != expected:
        raise Inconsistent(f"should be {expected}", field="settlement", value=found)
