"""Has a track checked by a node that is not paid for it, before this oracle signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from oracle.domain.check import Check, require_passed, required
from oracle.domain.errors import NotFound, RefrainError, Unavailable
from oracle.domain.manifest import Manifest
from oracle.domain.ordered import Ordered
from oracle.orders.holders import holders_of
from oracle.ports import GenerationNode

NO_RECORDS = b"[]"


def require_checked(
    nodes: Sequence[GenerationNode], manifest: Manifest, sound: bytes, trace: bytes
) -> None:
    """Raises unless another node than the paid one composes and renders the same track.

    Args:
        nodes: of this oracle's own settings, in order of preference.

    Raises:
        Inconsistent: a check failed, or no oracle signs tracks of this engine; names the field.
        InvalidInput: a node refuses the trace; names the field.
        Unavailable: no node can check the track now; says why for each.
    """
    requirement, reasons = required(manifest.engine), list[str]()
    ordered = Ordered(manifest.request, manifest.order, manifest.order_signature)
    for node in _checkers(nodes, manifest, reasons):
        try:
            found = _check(nodes, node, manifest, (ordered, trace, sound))
        except (Unavailable, NotFound) as error:
            reasons.append(f"{node.url}: {error}")
            continue
        return require_passed(requirement, found)
    detail = "no other generation node than the track's maker can check it"
    raise Unavailable("; ".join([detail, *reasons]))


def _checkers(
    nodes: Sequence[GenerationNode], manifest: Manifest, reasons: list[str]
) -> Iterator[GenerationNode]:
    """The nodes that hold the references and are not paid for the track."""
    holders, others = holders_of(nodes, manifest.request.weights())
    reasons += others
    yield from (node for node, payee in holders if payee.lower() != manifest.node.lower())


def _check(
    nodes: Iterable[GenerationNode],
    node: GenerationNode,
    manifest: Manifest,
    claimed: tuple[Ordered, bytes, bytes],
) -> Check:
    """What a node finds; it gets the maker's analysis records only if its own differ."""
    found = node.check(*claimed, NO_RECORDS)
    if not found.lacks:
        return found
    return node.check(*claimed, _records(nodes, manifest))


def _records(nodes: Iterable[GenerationNode], manifest: Manifest) -> bytes:
    """The analysis records from which the maker composed. This oracle only carries them."""
    reasons = []
    for node in nodes:
        try:
            if node.payee().lower() == manifest.node.lower():
                return node.records(manifest.generation)
        except RefrainError as error:
            reasons.append(f"{node.url}: {error}")
    detail = "the track's maker does not give its analysis records"
    raise Unavailable("; ".join([detail, *reasons]))
