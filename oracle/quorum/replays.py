"""Has a track rendered again by generation nodes, before this oracle signs that it was made so."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.manifest import Manifest
from oracle.domain.ordered import Ordered
from oracle.orders.holders import holders_of
from oracle.ports import GenerationNode, Store

RENDER_TOLERANCE = 1
"""Largest difference of a replay in steps of the last bit: processors rarely round differently, but
they can."""


def require_replay(
    nodes: Sequence[GenerationNode], store: Store, manifest: Manifest, sound: bytes, made: bytes
) -> None:
    """The nodes that check must render the same audio from the trace.

    Args:
        nodes: of this oracle's own settings.
        sound, made: the audio file and the trace.

    Raises:
        Inconsistent: a node renders something else.
        Unavailable: no node that can check answers.
    """
    ordered = Ordered(manifest.request, manifest.order, manifest.order_signature)
    for node in _checkers(nodes, store, manifest):
        worst = node.replay(ordered, made, sound)
        if worst > RENDER_TOLERANCE:
            detail = f"does not replay to its audio; samples differ by {worst} of 32,768 or more"
            raise Inconsistent(detail, field="trace")


def _checkers(
    nodes: Sequence[GenerationNode], store: Store, manifest: Manifest
) -> list[GenerationNode]:
    """A node that is not paid for the track, and a second one of another payee if one answers.

    Who is paid is only the leader's word: it may name another node's payee, so that a node that
    lies checks its own track. Then the second one notices; it is the named maker where that
    answers. An oracle that had the track made itself knows the maker, and asks one.
    """
    holders, reasons = holders_of(nodes, manifest.request.weights())
    others = [each for each in holders if each[1].lower() != manifest.node.lower()]
    if not others:
        detail = "no other generation node than the track's maker can render it again"
        raise Unavailable("; ".join([detail, *reasons]))
    first, payee = others[0]
    if _had_it_made(store, manifest):
        return [first]
    return [first, *_second(holders, payee, manifest)]


def _second(
    holders: Sequence[tuple[GenerationNode, str]], first: str, manifest: Manifest
) -> list[GenerationNode]:
    """One node of another payee than `first`, the named maker before all others; or none."""
    rest = [each for each in holders if each[1].lower() != first.lower()]
    rest.sort(key=lambda each: each[1].lower() != manifest.node.lower())
    return [node for node, _ in rest[:1]]


def _had_it_made(store: Store, manifest: Manifest) -> bool:
    """Whether this oracle itself asked the node with this payee for the track."""
    known = store.known(manifest.generation)
    return known is not None and known.made and not known.adopted and known.payee == manifest.node
