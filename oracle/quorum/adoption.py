"""Takes over the attestation that an earlier leader proposed, so that it is proposed again."""

from __future__ import annotations

import logging
from dataclasses import replace

from oracle.context import Context
from oracle.domain.cid import raw_cid
from oracle.domain.errors import Inconsistent, InvalidInput, require_same
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.reservation import Accepted
from oracle.domain.seat import Seat

log = logging.getLogger(__name__)


def adopted(
    context: Context, generation: Generation, accepted: Accepted
) -> Generation | None:
    """The generation with an accepted attestation; None when no honest oracle can have signed it.

    A generation with t signatures stays as it is, because nothing else can have as many.

    Raises:
        Unavailable, NotFound: the manifest cannot be read.
    """
    if accepted.attestation == generation.attestation or generation.signatures:
        return generation
    data = context.pinner.fetch(raw_cid(accepted.attestation.manifest))
    try:
        manifest = parse_manifest(data)
        wanted = generation.original or generation.id
        require_same("manifest.generation", manifest.generation, wanted)
    except (InvalidInput, Inconsistent) as error:
        log.warning("%s: an oracle claims to have signed what cannot be signed: %s",
                    generation.id, error)  # fmt: skip
        return None
    return described(replace(generation, signatures={}, batch=()), manifest, accepted)


def dropped(generation: Generation, seat: Seat | None) -> Generation:
    """The generation at its start again, if its attestation was adopted and cannot settle.

    Args:
        generation: one of which no attestation can have t signatures, as far as is known now.
        seat: this oracle's own; what it has signed itself stays.
    """
    signed = seat.accepted.attestation if seat and seat.accepted else None
    waits = generation.stage is Stage.PUBLISHED and generation.adopted
    if not waits or signed == generation.attestation:
        return generation
    return replace(generation, stage=Stage.ORDERED, attestation=None, adopted=False)


def described(generation: Generation, manifest: Manifest, accepted: Accepted) -> Generation:
    """The generation, published, with everything that its manifest says."""
    made = accepted.attestation
    return replace(
        generation, stage=Stage.PUBLISHED, attestation=made, manifest=raw_cid(made.manifest),
        price=made.price, payee=made.node, vectors=manifest.vectors, audio=manifest.audio.cid,
        trace=manifest.trace.cid, block=manifest.block, made=True, adopted=True, detail="",
    )  # fmt: skip
