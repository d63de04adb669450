"""Gets a track made by a generation node, and recomputes everything that the node reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from oracle.domain.attribution import PAYABLE, RULES, Vector, vector_from
from oracle.domain.audio import read_wave
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound, Unavailable
from oracle.domain.fields import choice
from oracle.domain.generation import Generation
from oracle.domain.ordered import signed_json
from oracle.domain.prompt_words import controls_of
from oracle.domain.recording import Recording
from oracle.domain.request import Request
from oracle.domain.reservation import reservations_json
from oracle.domain.trace import Trace, read_trace, require_fitting, require_steered
from oracle.orders.consent_checks import registered
from oracle.orders.holders import holders_of
from oracle.ports import GenerationNode, Job, Ledger


@dataclass(frozen=True)
class FinishedTrack:
    """A finished track: the node's files and the checked vectors."""

    audio: bytes
    trace: bytes
    vectors: Mapping[str, Vector]


def choose_makers(
    ledger: Ledger,
    nodes: Sequence[GenerationNode],
    recordings: Iterable[int],
    has_room: Callable[[str], bool],
) -> list[tuple[GenerationNode, str]]:
    """The nodes that answer, are allowed by the ledger, hold the recordings and have room.

    Another node, which is paid to another address, must hold them too: it renders the track again.
    When no such node has room, the first one without is returned.

    Args:
        has_room: whether the cap of a node with this payee leaves enough for the order.

    Returns:
        Each node and its payee, at least one; the preferred one first.

    Raises:
        Unavailable: there are no such two nodes now; gives the reason for each node.
    """
    holders, reasons = holders_of(nodes, recordings)
    able: list[tuple[GenerationNode, str]] = []
    for node, payee in holders:
        if not ledger.node_allowed(payee):
            reasons.append(f"{node.url}: the ledger does not allow {payee}")
        elif all(other.lower() == payee.lower() for _, other in holders):
            reasons.append(f"{node.url}: no node of another payee can render its track again")
        else:
            able.append((node, payee))
    if able:
        return [maker for maker in able if has_room(maker[1])] or able[:1]
    raise Unavailable("no generation node can be used: " + "; ".join(reasons))


def look(
    nodes: Sequence[GenerationNode], generation: Generation
) -> tuple[GenerationNode, Job] | None:
    """The node that makes this generation and its job; None when no node that answers has it."""
    for node in nodes:
        if node.url == generation.node:
            with suppress(NotFound, Unavailable):
                return node, node.job(generation.id)
    return None


def begin(ledger: Ledger, node: GenerationNode, generation: Generation) -> Job:
    """The job of this generation at a node, which starts it unless it has it."""
    try:
        return node.job(generation.id)
    except NotFound:
        recordings = registered(ledger, generation.request, block_of(generation))
        return node.start(generation.id, job_of(generation, recordings))


def block_of(generation: Generation) -> Block:
    """The block of a generation; every stage after the first has one. Raises RuntimeError."""
    if generation.block is None:
        raise RuntimeError(f"{generation.id} has no block at stage {generation.stage}")
    return generation.block


def job_of(generation: Generation, recordings: Mapping[int, Recording]) -> dict[str, Any]:
    """The job for a node: the signed order, its reservations, the files to use, and the controls.

    Raises:
        RuntimeError: this oracle has no ballot for the order, so it must not have it made.
    """
    if generation.ballot is None:
        raise RuntimeError(f"{generation.id} is not reserved at stage {generation.stage}")
    references = [
        {"recording": reference.recording, "audio": recordings[reference.recording].audio}
        for reference in generation.request.references
    ]
    reserved = reservations_json(generation.reservations, generation.ballot)
    return signed_json(generation.ordered()) | {
        "reservations": reserved, "references": references,
        "controls": controls_of(generation.prompt),
    }  # fmt: skip


def collect(
    ledger: Ledger, generation: Generation, node: GenerationNode, job: Job
) -> FinishedTrack:
    """Fetches audio and trace of a finished job and checks them.

    Raises:
        InvalidInput: a file is malformed or does not belong to this request.
        Inconsistent: the job failed, or trace, audio, vectors and chain do not agree.
    """
    if job.state != "done":
        reason = job.error or job.state
        raise Inconsistent(f"the generation node could not make the track: {reason}")
    audio, data = node.audio(generation.id), node.trace(generation.id)
    trace = read_trace(data, generation.request, generation.id)
    require_steered(trace, generation.prompt)
    recordings = registered(ledger, generation.request, block_of(generation))
    require_fitting(read_wave(audio), trace, recordings)
    vectors = _vectors(job.vectors, trace, generation.request)
    return FinishedTrack(audio, data, vectors)


def _vectors(
    reported: Mapping[str, Any] | None, trace: Trace, request: Request
) -> dict[str, Vector]:
    """The node's vectors, after the payable ones were recomputed.

    The others are published as the node's claim; they divide no money.
    """
    known = {0, *request.weights()}
    vectors = {}
    for rule, items in (reported or {}).items():
        vector = vector_from(items, f"vectors.{choice(rule, 'vectors', RULES)}")
        if not vector.keys() <= known:
            detail = "names a recording that is not in the request"
            raise InvalidInput(detail, field=f"vectors.{rule}")
        vectors[rule] = vector
    for rule in PAYABLE:
        if vectors.get(rule) != trace.vectors[rule]:
            raise Inconsistent("differs from the vector of the trace", field=f"vectors.{rule}")
    return vectors
