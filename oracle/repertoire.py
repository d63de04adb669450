"""Whether the chain permits the use of recordings at a block: the same question at every stage."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.domain.consent import SHARE_TOLERANCE, TIERS, Refusal, check
from oracle.domain.errors import Inconsistent, Refused
from oracle.domain.generation import Generation
from oracle.domain.recording import Recording
from oracle.domain.request import Request
from oracle.ports import Block, Ledger


def refusals_at(ledger: Ledger, request: Request, block: Block) -> tuple[Refusal, ...]:
    """Why the recordings asked for may not be used at a block; empty when all may."""
    return _ask(ledger, request.weights(), request.tier, block, SHARE_TOLERANCE)


def require_consent(ledger: Ledger, request: Request, block: Block) -> None:
    """Raises Refused, naming every recording that may not be used at a block."""
    _raise(refusals_at(ledger, request, block))


def require_shares(
    ledger: Ledger, vector: Mapping[int, int], request: Request, block: Block
) -> None:
    """Raises Refused where a recording carries more of the made track than it permits."""
    _raise(share_refusals_at(ledger, vector, request, block))


def share_refusals_at(
    ledger: Ledger, vector: Mapping[int, int], request: Request, block: Block
) -> tuple[Refusal, ...]:
    """Why recordings may not carry their part of a made track; empty when all may.

    The training pool (id 0) is no recording and has no owner to ask.
    """
    carried = {number: weight for number, weight in vector.items() if number}
    return _ask(ledger, carried, request.tier, block, 0)


def require_permitted(ledger: Ledger, generation: Generation, block: Block) -> None:
    """Raises Refused unless a generation may be made at a block, or may be used anew."""
    request = generation.request
    if generation.original:
        require_shares(ledger, generation.vectors[request.rule], request, block)
    else:
        require_consent(ledger, request, block)


def registered(ledger: Ledger, request: Request, block: Block) -> dict[int, Recording]:
    """What the chain has of the request's recordings at a block, ascending id.

    Raises:
        Inconsistent: it has one no more, or not the hash of its audio.
    """
    found = ledger.recordings_at(request.weights(), block.number)
    for number in request.weights():
        known = found.get(number)
        if known is None or not known.audio or not known.metadata:
            raise Inconsistent("has no registration at the block", field="recording", value=number)
    return dict(sorted(found.items()))


def _ask(
    ledger: Ledger, weights: Mapping[int, int], tier: str, block: Block, tolerance: int
) -> tuple[Refusal, ...]:
    use = TIERS[tier].use
    known = ledger.recordings_at(weights, block.number)
    found = (
        check(number, known.get(number), use, block.timestamp, weight, tolerance)
        for number, weight in weights.items()
    )
    return tuple(refusal for refusal in found if refusal)


def _raise(found: tuple[Refusal, ...]) -> None:
    if found:
        sentence = "; ".join(f"{refusal.reason}: {refusal.detail}" for refusal in found)
        raise Refused(sentence, refusals=found)
