"""The generation node over HTTP: uploads, jobs and checks.

    GET  /v1/health             engines, payee, state of CLAP
    PUT  /v1/vault/{recording}  ?deadline=N, X-Refrain-Signature: the owner's file
    POST /v1/held               {recordings: [id]} -> {held: [{recording, bpm}]}
    POST /v1/copies             {recordings: [id]} -> {copies: [pair], unexamined: [id]}
    POST /v1/jobs               {request, order, signature, reservations, references}
    GET  /v1/jobs/{id}          {id, state, progress, error, audio, trace, vectors}
    GET  /v1/jobs/{id}/audio    WAV      GET /v1/jobs/{id}/trace   canonical JSON
    GET  /v1/jobs/{id}/records  the analysis records it was made from, for any oracle
    POST /v1/checks             takes order, trace, audio, records; answers how far they are off

Oracles of the set sign each request. Owners sign their uploads; health is open to all. Errors are
application/problem+json and name the field and the value.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from generator.node import errors, request_body, screening, submission, upload_signature
from generator.node.chain_registry import Registry
from generator.node.checks import Checks
from generator.node.job_queue import Jobs
from generator.node.orders import Orders
from generator.node.vault import LARGEST, Vault
from generator.sandbox.process import EngineProcess
from generator.sandbox.tasks import AUDIO, RECORDS, TRACE
from oracle.adapters.signing.typed import TypedData
from oracle.domain import fields
from oracle.domain import trace as trace_limits
from oracle.domain.audio import LARGEST as LARGEST_AUDIO
from oracle.domain.call import body_digest
from oracle.domain.check import LARGEST_RECORDS
from oracle.domain.errors import RefrainError
from oracle.http.caller import Caller, Callers, target_of
from oracle.http.turns import Turns

MOST_JOB_BYTES = 128 * 1024
UPLOAD_SECONDS = 900.0

CHECK_PARTS = {
    "order": 64 * 1024,
    "trace": trace_limits.LARGEST,
    "audio": LARGEST_AUDIO,
    "records": LARGEST_RECORDS,
}
"""Parts of a check's body, and the largest size of each in bytes."""

WAV = "audio/wav"


@dataclass(frozen=True)
class Node:
    """What the routes use.

    Args:
        engines: names of the engines that this node runs.
        payee: EIP-55 address that receives the node's fee.
        clap: "ready", or the reason why it is not.
        typed: the ledger for which owners sign uploads.
        callers: the oracles that may call.
        orders: checks signed orders and reservations.
        processes: beside that of the jobs, which ends with the queue. Uploads and checks have one
            each, so that neither waits for the other or for a job.
        scratch: folder for files that are needed during one request only.
        clock: seconds since 1970.
    """

    engines: Sequence[str]
    payee: str
    clap: str
    typed: TypedData
    callers: Callers
    orders: Orders
    registry: Registry
    vault: Vault
    jobs: Jobs
    checks: Checks
    processes: Sequence[EngineProcess]
    scratch: Path
    clock: Callable[[], int]
    reading: Turns = field(default_factory=lambda: Turns("uploads", 8, 64))
    admitting: Turns = field(default_factory=lambda: Turns("uploads", 4, 64))
    checking: Turns = field(default_factory=lambda: Turns("checks of this oracle", 2, 16))


def create_app(node: Node) -> FastAPI:
    """The node's ASGI application; the job queue runs while the application is up."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        node.jobs.start()
        late = Thread(target=screening.examine_all, args=(node.vault,), daemon=True)
        late.start()
        try:
            yield
        finally:
            await run_in_threadpool(node.jobs.stop)
            for process in node.processes:
                await run_in_threadpool(process.close)

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.node = node
    app.include_router(_open)
    app.include_router(_guarded)
    app.add_exception_handler(RefrainError, errors.PROBLEMS.on_fault)
    app.add_exception_handler(HTTPException, errors.on_http)
    app.add_exception_handler(Exception, errors.on_bug)
    return app


def _node(request: Request) -> Node:
    found: Node = request.app.state.node
    return found


async def _caller(request: Request) -> Caller:
    target = target_of(request.scope)
    return _node(request).callers.admit(request.method, target, request.headers)


async def _reader(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    """The caller of a request without a body."""
    caller.require_body(body_digest(b""))
    return caller


At = Annotated[Node, Depends(_node)]
By = Annotated[Caller, Depends(_caller)]
ReadBy = Annotated[Caller, Depends(_reader)]

_open = APIRouter(prefix="/v1")
_guarded = APIRouter(prefix="/v1")


@_open.get("/health")
async def health(node: At) -> Any:
    """The engines, the payee and the state of CLAP; it waits for no thread."""
    return {
        "status": "ok",
        "engines": list(node.engines),
        "payee": node.payee,
        "clap": node.clap,
    }


@_open.put("/vault/{recording}")
async def upload(recording: str, request: Request, node: At) -> Response:
    """Accepts a recording's file from its owner; reads the body only after the signature check."""
    number = request_body.path_recording(recording)
    deadline = fields.decimal(request.query_params.get("deadline"), "deadline")
    signature = request.headers.get("x-refrain-signature", "")
    async with node.reading.turn():
        entry = await run_in_threadpool(node.registry.entry, number)
    upload_signature.check(entry, node.typed, deadline, signature, node.clock())
    await node.vault.receive(entry.audio, request_body.pieces(request, LARGEST, UPLOAD_SECONDS))
    async with node.admitting.turn():
        held = await run_in_threadpool(node.vault.admit, number, entry.audio)
    return JSONResponse(asdict(held), status_code=201)


@_guarded.post("/held")
async def held(request: Request, node: At, by: By) -> Any:
    """Which of some recordings this node's vault holds, ascending, and their tempi."""
    numbers = await request_body.recordings(request, MOST_JOB_BYTES, by)
    return {"held": await run_in_threadpool(node.vault.told, numbers)}


@_guarded.post("/copies")
async def copies(request: Request, node: At, by: By) -> Any:
    """The copies of some recordings among all that this node's vault holds.

    `unexamined` lists those that it holds and has not compared yet.
    """
    numbers = await request_body.recordings(request, MOST_JOB_BYTES, by)
    pairs = await run_in_threadpool(screening.pairs, node.vault, numbers)
    later = await run_in_threadpool(screening.unexamined, node.vault, numbers)
    return {"copies": pairs, "unexamined": later}


@_guarded.post("/jobs")
async def submit(request: Request, node: At, by: By) -> Response:
    """Queues a generation; a repeated request returns the same job."""
    value = await request_body.parsed(request, MOST_JOB_BYTES, by)
    return await run_in_threadpool(_submit, node, value, by.signer)


def _submit(node: Node, value: Any, caller: str) -> Response:
    terms = submission.read(value, node.engines, node.orders, caller)
    view = node.jobs.submit(terms, caller)
    return JSONResponse({name: view[name] for name in ("id", "state", "progress")}, 202)


@_guarded.get("/jobs/{job_id}")
def job(job_id: str, node: At, by: ReadBy) -> Any:
    """The state of a job, and its vectors once it is done; for the oracles that submitted it."""
    return node.jobs.view(_own(node, job_id, by))


@_guarded.get("/jobs/{job_id}/audio")
def audio(job_id: str, node: At, by: ReadBy) -> Response:
    """The track as WAV: 44.1 kHz stereo, 16 bits, a header of 44 bytes."""
    return _file(node, _own(node, job_id, by), AUDIO, by, WAV)


@_guarded.get("/jobs/{job_id}/trace")
def trace(job_id: str, node: At, by: ReadBy) -> Response:
    """The trace in canonical JSON."""
    return _file(node, _own(node, job_id, by), TRACE, by, "application/json")


def _file(node: Node, job_id: str, name: str, by: Caller, media: str) -> Response:
    path = node.jobs.file(job_id, name)
    sent = BackgroundTask(node.jobs.note_sent, job_id, name, by.signer)
    return FileResponse(path, media_type=media, background=sent)


@_guarded.get("/jobs/{job_id}/records")
def records(job_id: str, node: At, by: ReadBy) -> Response:
    """The analysis records of a finished job, for the oracles that have its track checked."""
    path = node.jobs.file(fields.word(job_id, "id"), RECORDS)
    return FileResponse(path, media_type="application/json")


@_guarded.post("/checks")
async def check(request: Request, node: At, by: By) -> Any:
    """Whether a track of any node is what its order gives: a name and small numbers, no audio."""
    async with (
        node.checking.turn(by.signer),
        request_body.parts(request, CHECK_PARTS, by, node.scratch) as parts,
    ):
        return await run_in_threadpool(node.checks.find, by.signer, parts)


def _own(node: Node, job_id: str, by: Caller) -> str:
    """The job's id, when the caller submitted the job."""
    node.jobs.require_leader(found := fields.word(job_id, "id"), by.signer)
    return found
