"""Has a track made by a generation node, and believes it nothing that can be recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from oracle.domain.attribution import PAYABLE, RULES, Vector, vector_from
from oracle.domain.audio import Wave, read_wave
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound, RefrainError, Unavailable
from oracle.domain.fields import choice
from oracle.domain.generation import Generation, seed_of
from oracle.domain.recording import Recording
from oracle.domain.request import Request
from oracle.domain.trace import Trace, read_trace
from oracle.ports import GenerationNode, Job
from oracle.repertoire import registered
from oracle.world import World


@dataclass(frozen=True)
class Made:
    """A finished track: the files as they came, and what was read from them."""

    audio: bytes
    trace: bytes
    vectors: Mapping[str, Vector]


def choose_maker(world: World) -> tuple[GenerationNode, str]:
    """The first node that answers and that the ledger pays, with its payee.

    Raises:
        Unavailable: there is none now; says why each was passed over.
    """
    passed = []
    for node in world.nodes:
        try:
            payee = node.payee()
        except RefrainError as error:
            passed.append(f"{node.url}: {error}")
            continue
        if world.ledger.node_allowed(payee):
            return node, payee
        passed.append(f"{node.url}: the ledger does not allow {payee}")
    raise Unavailable("no generation node can be used: " + "; ".join(passed))


def look_or_start(world: World, generation: Generation) -> tuple[Generation, GenerationNode, Job]:
    """The job of this generation, at the node that has begun it or else at the first usable one.

    Returns:
        The generation with node and payee noted, that node, and its job.
    """
    for node in world.nodes:
        if node.url == generation.node:
            with suppress(NotFound, Unavailable):
                return generation, node, node.job(generation.id)
    node, payee = choose_maker(world)
    begun = replace(generation, node=node.url, payee=payee)
    try:
        return begun, node, node.job(generation.id)
    except NotFound:
        recordings = registered(world.ledger, generation.request, block_of(generation))
        return begun, node, node.start(job_of(generation, recordings))


def block_of(generation: Generation) -> Block:
    """The block a generation was judged at; every stage after the first has one."""
    if generation.block is None:
        raise RuntimeError(f"{generation.id} has no block at stage {generation.stage}")
    return generation.block


def job_of(generation: Generation, recordings: Mapping[int, Recording]) -> dict[str, Any]:
    """What a node is told: nothing of payer or price, and the hash of each file to use."""
    request = generation.request
    references = [
        {"recording": number, "audio": recordings[number].audio, "weight": weight}
        for number, weight in request.weights().items()
    ]
    return {
        "id": generation.id, "engine": request.engine, "length": request.length,
        "seed": str(seed_of(generation.id)), "references": references,
    }  # fmt: skip


def collect(world: World, generation: Generation, node: GenerationNode, job: Job) -> Made:
    """Fetches audio and trace of a finished job and checks them.

    Raises:
        InvalidInput: a file is malformed or not of this request.
        Inconsistent: trace, audio, vectors and chain do not agree.
    """
    if job.state != "done":
        raise Inconsistent(f"the generation node could not make it: {job.error or job.state}")
    audio, data = node.audio(generation.id), node.trace(generation.id)
    trace = read_trace(data, generation.request, generation.id)
    recordings = registered(world.ledger, generation.request, block_of(generation))
    require_fitting(read_wave(audio), trace, recordings)
    vectors = _vectors(job.vectors, trace, generation.request)
    return Made(audio, data, vectors)


def require_fitting(wave: Wave, trace: Trace, recordings: Mapping[int, Recording]) -> None:
    """Raises Inconsistent unless the trace is as long as the audio and of the registered files."""
    if wave.frames != trace.frames:
        raise Inconsistent("is not as long as its audio", field="trace.frames", value=trace.frames)
    for number, found in trace.audio.items():
        if found != recordings[number].audio:
            detail = f"is not the registered file of recording {number}"
            raise Inconsistent(detail, field="trace.references", value=found)


def _vectors(told: Mapping[str, Any] | None, trace: Trace, request: Request) -> dict[str, Vector]:
    """The node's vectors, those that pay recomputed.

    The others are published as the node's own word; no money follows from them.
    """
    known = {0, *request.weights()}
    vectors = {}
    for rule, items in (told or {}).items():
        vector = vector_from(items, f"vectors.{choice(rule, 'vectors', RULES)}")
        if not vector.keys() <= known:
            raise InvalidInput("names a recording that was not asked for", field=f"vectors.{rule}")
        vectors[rule] = vector
    for rule in PAYABLE:
        if vectors.get(rule) != trace.vectors[rule]:
            raise Inconsistent("does not follow from the trace", field=f"vectors.{rule}")
    return vectors
