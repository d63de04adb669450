"""Has a track made again by generation nodes, before this oracle signs that it was made so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oracle.domain.check import Check, require_passed, required
from oracle.domain.errors import NotFound, RefrainError, Unavailable
from oracle.domain.manifest import Manifest
from oracle.domain.ordered import Ordered
from oracle.orders.holders import holders_of
from oracle.ports import GenerationNode, Store

NO_RECORDS = b"[]"

Holder = tuple[GenerationNode, str]
"""A node that holds the references, and its payee."""
Claimed = tuple[Ordered, bytes, bytes]
"""The signed order, the trace and the audio file."""


def require_checked(
    nodes: Sequence[GenerationNode], store: Store, manifest: Manifest, sound: bytes, trace: bytes
) -> None:
    """Raises unless the nodes that check compose and render the same track.

    A node that is not paid for the track checks it, and a second one of another payee if one can.
    Who is paid is only the leader's word: it may name another node's payee, so that a node that
    lies checks its own track. Then the second one notices; it is the named maker where that
    answers. An oracle that had the track made itself knows the maker, and asks one.

    Args:
        nodes: of this oracle's own settings, in order of preference.
        sound, trace: the audio file and the trace.

    Raises:
        Inconsistent: a check failed, or no oracle signs tracks of this engine; names the field.
        InvalidInput: a node refuses the trace; names the field.
        Unavailable: no node can check the track now; says why for each.
    """
    requirement = required(manifest.engine)
    claimed = Ordered(manifest.request, manifest.order, manifest.order_signature), trace, sound
    holders, reasons = holders_of(nodes, manifest.request.weights())
    others = [each for each in holders if each[1].lower() != manifest.node.lower()]
    first = _answer(nodes, others, manifest, claimed, reasons)
    if first is None:
        detail = "no other generation node than the track's maker can check it"
        raise Unavailable("; ".join([detail, *reasons]))
    require_passed(requirement, first[0])
    if _had_it_made(store, manifest):
        return
    second = _answer(nodes, _rest(holders, first[1], manifest), manifest, claimed, reasons)
    if second is not None:
        require_passed(requirement, second[0])


def _answer(
    nodes: Iterable[GenerationNode],
    holders: Iterable[Holder],
    manifest: Manifest,
    claimed: Claimed,
    reasons: list[str],
) -> tuple[Check, str] | None:
    """What the first node finds that can check, and its payee; None if no node can.

    Raises:
        Unavailable: the node needs the maker's records, and the maker does not give them. Another
            node is not asked instead: whoever names the wrong maker would choose who checks.
    """
    for node, payee in holders:
        try:
            found = node.check(*claimed, NO_RECORDS)
        except (Unavailable, NotFound) as error:
            reasons.append(f"{node.url}: {error}")
            continue
        if found.lacks:
            found = node.check(*claimed, _records(nodes, manifest))
        return found, payee
    return None


def _rest(holders: Sequence[Holder], first: str, manifest: Manifest) -> list[Holder]:
    """The nodes of another payee than `first`, the named maker before all others."""
    rest = [each for each in holders if each[1].lower() != first.lower()]
    return sorted(rest, key=lambda each: each[1].lower() != manifest.node.lower())


def _had_it_made(store: Store, manifest: Manifest) -> bool:
    """Whether this oracle itself asked the node with this payee for the track."""
    known = store.known(manifest.generation)
    return known is not None and known.made and not known.adopted and known.payee == manifest.node


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
