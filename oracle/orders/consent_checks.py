"""Checks consent on the chain at a block; every stage of a generation uses these checks.

The functions with a ledger read the recordings; the ones that end in `_in` get them.
"""

from __future__ import annotations

from collections.abc import Mapping

from oracle.domain.consent import SHARE_TOLERANCE, TIERS, Refusal, check
from oracle.domain.errors import Inconsistent, Refused
from oracle.domain.generation import Generation
from oracle.domain.recording import Recording
from oracle.domain.request import Request
from oracle.ports import Block, Ledger

Recordings = Mapping[int, Recording]
"""Recordings by id, without unknown ids."""


def refusals_in(known: Recordings, request: Request, block: Block) -> tuple[Refusal, ...]:
    """Why recordings of a request may not be used at a block; empty when all may.

    Args:
        known: the request's recordings as of the block.
    """
    return _find(known, request.weights(), request.tier, block, SHARE_TOLERANCE)


def require_consent(ledger: Ledger, request: Request, block: Block) -> None:
    """Raises Refused when a recording may not be used at a block; names every such recording."""
    known = ledger.recordings_at(request.weights(), block.number)
    raise_refusals(refusals_in(known, request, block))


def require_shares(
    ledger: Ledger, vector: Mapping[int, int], request: Request, block: Block
) -> None:
    """Raises Refused when a recording's share of the finished track is larger than it permits."""
    known = ledger.recordings_at(_without_pool(vector), block.number)
    raise_refusals(share_refusals_in(known, vector, request, block))


def share_refusals_in(
    known: Recordings, vector: Mapping[int, int], request: Request, block: Block
) -> tuple[Refusal, ...]:
    """Why recordings may not have their shares of the finished track; empty when all may.

    The training pool (id 0) is not a recording and needs no consent.

    Args:
        known: the vector's recordings as of the block.
    """
    return _find(known, _without_pool(vector), request.tier, block, 0)


def require_permitted(ledger: Ledger, generation: Generation, block: Block) -> None:
    """Raises Refused unless consent permits a new generation, or an upgrade, at a block."""
    known = ledger.recordings_at(generation.request.weights(), block.number)
    raise_refusals(consent_refusals(known, generation, block))


def consent_refusals(
    known: Recordings, generation: Generation, block: Block
) -> tuple[Refusal, ...]:
    """Why consent forbids a new generation, or an upgrade; empty when it permits it.

    Args:
        known: the request's recordings as of the block.
    """
    request = generation.request
    if generation.original:
        return share_refusals_in(known, generation.vectors[request.rule], request, block)
    return refusals_in(known, request, block)


def registered(ledger: Ledger, request: Request, block: Block) -> dict[int, Recording]:
    """The request's recordings as the chain has them at a block, ascending id.

    Raises:
        Inconsistent: one is not registered at the block, or lacks its hashes.
    """
    found = ledger.recordings_at(request.weights(), block.number)
    for number in request.weights():
        known = found.get(number)
        if known is None or not known.audio or not known.metadata:
            raise Inconsistent("is not registered at the block", field="recording", value=number)
    return dict(sorted(found.items()))


def _without_pool(vector: Mapping[int, int]) -> dict[int, int]:
    return {number: weight for number, weight in vector.items() if number}


def _find(
    known: Recordings, weights: Mapping[int, int], tier: str, block: Block, tolerance: int
) -> tuple[Refusal, ...]:
    use = TIERS[tier].use
    found = (
        check(number, known.get(number), use, block.timestamp, weight, tolerance)
        for number, weight in weights.items()
    )
    return tuple(refusal for refusal in found if refusal)


def raise_refusals(found: tuple[Refusal, ...]) -> None:
    """Raises Refused with all of the refusals, when there are any."""
    if found:
        sentence = "; ".join(f"{refusal.reason}: {refusal.detail}" for refusal in found)
        raise Refused(sentence, refusals=found)
