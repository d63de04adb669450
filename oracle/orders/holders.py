"""The generation nodes that hold all recordings of a request, as they say when they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oracle.domain.errors import RefrainError
from oracle.ports import GenerationNode


def holders_of(
    nodes: Sequence[GenerationNode], recordings: Iterable[int]
) -> tuple[list[tuple[GenerationNode, str]], list[str]]:
    """The nodes that answer and hold all of the recordings.

    Returns:
        Each such node with its payee (EIP-55), in the order of `nodes`; and for each other node
        one sentence that says why it is left out.
    """
    wanted = frozenset(recordings)
    found, reasons = [], []
    for node in nodes:
        try:
            payee, missing = node.payee(), wanted - node.held(wanted).keys()
        except RefrainError as error:
            reasons.append(f"{node.url}: {error}")
            continue
        if missing:
            listed = ", ".join(map(str, sorted(missing)))
            reasons.append(f"{node.url}: does not hold {listed}")
        else:
            found.append((node, payee))
    return found, reasons
