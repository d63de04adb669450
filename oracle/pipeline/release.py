"""Makes the files of a finally settled generation public.

Every oracle of the set delivers. As many as the operator's setting says pin audio, trace and
manifest; which ones follows from the generation's id, so that all oracles agree without asking. The
others wait until they can read the files, and pin them themselves when that takes too long.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from oracle.context import Context
from oracle.domain import manifest
from oracle.domain.cid import read
from oracle.domain.errors import NotFound, Unavailable, WrongBytes, require_same
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.quorum.copies import Copies
from oracle.quorum.published import files_of, is_readable

PATIENCE = 300
"""Seconds after which an oracle pins what the oracles before it should have pinned."""

WAITS = "paid, and waits until the other oracles have pinned the files"


def release(context: Context, generation: Generation) -> Generation:
    """The generation at stage SETTLED once its files can be read; else waiting.

    Raises:
        Unavailable: no oracle sends a file now, or the store does not answer.
        Inconsistent: the manifest is of another generation.
    """
    if generation.original:
        # An upgrade has the files of its original, which are public.
        return replace(generation, stage=Stage.SETTLED, detail="")
    now = context.clock.now()
    paid = generation if generation.confirmed else replace(generation, confirmed=now)
    made = _manifest(context, paid)
    files = {generation.manifest: manifest.LARGEST, **files_of(made)}
    if _is_early(context, generation.id) or now - paid.confirmed > PATIENCE:
        for cid, largest in files.items():
            _pin(context, generation.id, cid, largest)
    elif not all(is_readable(context.pinner, cid, most) for cid, most in files.items()):
        return replace(paid, detail=WAITS)
    return replace(
        paid, stage=Stage.SETTLED, detail="", audio=made.audio.cid, trace=made.trace.cid,
        vectors=made.vectors, payee=made.node,
    )  # fmt: skip


def rank(signers: tuple[str, ...], generation: str) -> list[str]:
    """The oracles of a set in the order in which they pin a generation."""

    def place(signer: str) -> bytes:
        return hashlib.sha256(f"{signer} {generation}".encode()).digest()

    return sorted(signers, key=place)


def _is_early(context: Context, generation: str) -> bool:
    """Whether this oracle is one of those that pin at once."""
    ranked = rank(context.terms.oracle_set.signers, generation)
    return context.attester.address in ranked[: context.terms.copies]


def _manifest(context: Context, generation: Generation) -> Manifest:
    """The paid manifest, which its maker pinned before the settlement."""
    cid = generation.manifest
    try:
        data = read(cid, context.pinner.block, manifest.LARGEST)
    except (NotFound, WrongBytes, Unavailable):
        copies = Copies(context.withheld, context.peers, generation.id)
        data = copies.file(cid, manifest.LARGEST)
    made = parse_manifest(data)
    require_same("manifest.generation", made.generation, generation.id)
    return made


def _pin(context: Context, generation: str, cid: str, largest: int) -> None:
    """Pins a file from this oracle's own copy; the pinner reads it back and compares."""
    if context.pinner.pinned(cid) and is_readable(context.pinner, cid, largest):
        return
    copies = Copies(context.withheld, context.peers, generation)
    require_same("cid", context.pinner.pin(copies.file(cid, largest)), cid)
