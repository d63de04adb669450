"""Has a track checked by nodes of this oracle's own settings, before this oracle signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oracle.domain.check import Check, require_passed, required
from oracle.domain.errors import NotFound, RefrainError, Unavailable
from oracle.domain.manifest import Manifest
from oracle.domain.ordered import Ordered
from oracle.orders.holders import holders_of
from oracle.ports import GenerationNode, Store

NO_RECORDS = b"[]"


def require_checked(
    nodes: Sequence[GenerationNode], store: Store, manifest: Manifest, sound: bytes, trace: bytes
) -> None:
    """Raises unless other nodes than the paid one compose and render the same track.

    Who is paid is only the leader's word: it may name another node's payee, so that a node that
    lies checks its own track. So a second node of another payee checks it too, if one answers; the
    named maker is asked first. An oracle that had the track made itself knows the maker, and asks
    one node.

    Args:
        nodes: of this oracle's own settings, in order of preference.

    Raises:
        Inconsistent: a check failed, or no oracle signs tracks of this engine; names the field.
        InvalidInput: a node refuses the trace; names the field.
        Unavailable: no node can check the track now; says why for each.
    """
    requirement = required(manifest.engine)
    holders, reasons = holders_of(nodes, manifest.request.weights())
    claimed = (Ordered(manifest.request, manifest.order, manifest.order_signature), trace, sound)

    def passes(node: GenerationNode) -> bool:
        try:
            found = _check(nodes, node, manifest, claimed)
        except (Unavailable, NotFound) as error:
            reasons.append(f"{node.url}: {error}")
            return False
        require_passed(requirement, found)
        return True

    unpaid = [each for each in holders if each[1].lower() != manifest.node.lower()]
    first = next((payee for node, payee in unpaid if passes(node)), None)
    if first is None:
        detail = "no other generation node than the track's maker can check it"
        raise Unavailable("; ".join([detail, *reasons]))
    if not _had_it_made(store, manifest):
        any(passes(node) for node in _seconds(holders, first, manifest))


def _seconds(
    holders: Sequence[tuple[GenerationNode, str]], first: str, manifest: Manifest
) -> list[GenerationNode]:
    """The nodes of other payees than `first`, the named maker before all others."""
    rest = [each for each in holders if each[1].lower() != first.lower()]
    rest.sort(key=lambda each: each[1].lower() != manifest.node.lower())
    return [node for node, _ in rest]


def _had_it_made(store: Store, manifest: Manifest) -> bool:
    """Whether this oracle itself asked the node with this payee for the track."""
    known = store.known(manifest.generation)
    return known is not None and known.made and not known.adopted and known.payee == manifest.node


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
