"""Which other oracle may read the withheld files of a generation, and the blocks that it gets.

Before the settlement only an oracle with a part in the generation may read: the leader of the
ballot that this oracle promised, and, while this oracle leads, the oracles to which it sent its
proposal. After a final settlement every oracle of the set may, because each delivers the files.
"""

from __future__ import annotations

import logging

from oracle.context import Context
from oracle.domain.cid import decode
from oracle.domain.errors import NotFound
from oracle.domain.fields import word
from oracle.domain.generation import PAID, Generation
from oracle.domain.seat import Seat

log = logging.getLogger(__name__)


def shared_block(context: Context, reader: str, generation: str, cid: str) -> bytes:
    """One block for another oracle of the set.

    Args:
        reader: the EIP-55 address of the oracle that asks, authenticated.

    Raises:
        InvalidInput: the id or the CID is malformed.
        NotFound: this oracle does not have the block, or the reader may not read it.
    """
    word(generation, "generation")
    decode(cid)
    known = _readable(context, reader, generation)
    if known is None:
        log.warning("%s may not read %s of %s", reader, cid, generation)
        raise NotFound("is not shared with this oracle", field="cid", value=cid)
    log.info("%s reads %s of %s", reader, cid, generation)
    try:
        return context.withheld.block(generation, cid)
    except NotFound:
        if known.stage not in PAID:
            # The same words as above: they do not tell which files there are.
            raise NotFound("is not shared with this oracle", field="cid", value=cid) from None
    return context.pinner.block(cid)


def _readable(context: Context, reader: str, generation: str) -> Generation | None:
    """The generation when the reader may read its files; else None."""
    try:
        known = context.store.load(generation)
    except NotFound:
        return None
    if known.stage in PAID:
        return known
    seat = context.store.seat(known.order.payer, known.order.nonce)
    if seat is None or seat.order != generation or not _takes_part(context, reader, seat):
        return None
    return known


def _takes_part(context: Context, reader: str, seat: Seat) -> bool:
    leader, accepted = seat.ballot.leader, seat.accepted
    if context.terms.oracle_set.signers[leader] == reader:
        return True
    # A leader accepts its own proposal, and then sends it to all oracles of the set.
    proposed = accepted is not None and accepted.ballot.leader == leader
    return leader == context.index and proposed
