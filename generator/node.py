"""The generation node over HTTP: uploads, jobs and replays.

    GET  /v1/health             engines, payee, whether CLAP is there, recordings held
    PUT  /v1/vault/{recording}  ?deadline=N, X-Refrain-Signature: the owner's file
    POST /v1/jobs               {id, engine, length, seed, references: [{recording, audio, weight}]}
    GET  /v1/jobs/{id}          {id, state, progress, error, audio, trace, vectors}
    GET  /v1/jobs/{id}/audio    WAV      GET /v1/jobs/{id}/trace   canonical JSON
    POST /v1/replays            a trace in, the WAV that it renders out

Oracles show a bearer token. Owners show a signature, so an upload needs no token; health needs
neither. Errors are application/problem+json and name the field and the value.
"""

from __future__ import annotations

import contextlib
import hmac
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from generator import bodies, files, problems, replays, uploads
from generator.job import read_body
from generator.jobs import Jobs
from generator.problems import NoToken
from generator.repertoire import Repertoire
from generator.settings import Deployment, Secret
from generator.vault import LARGEST, Vault, as_json
from generator.workbench import AUDIO, TRACE
from generator.workshop import Workshop
from oracle.domain import fields
from oracle.domain.errors import RefrainError

MOST_JOB_BYTES = 64 * 1024
UPLOAD_SECONDS = 900.0

WAV = "audio/wav"


@dataclass(frozen=True)
class Node:
    """What the endpoints work with.

    Args:
        engines: names of the engines served.
        payee: EIP-55 address that is paid the node's fee.
        clap: "ready", or what is missing.
        desk: workshop of uploads and replays, so that they do not wait for jobs.
        scratch: folder for files that nobody needs after an answer.
        clock: seconds since 1970.
    """

    engines: Sequence[str]
    payee: str
    token: Secret
    clap: str
    deployment: Deployment
    repertoire: Repertoire
    vault: Vault
    jobs: Jobs
    desk: Workshop
    scratch: Path
    clock: Callable[[], int]


def create_app(node: Node) -> FastAPI:
    """The node's ASGI application; its jobs run while it is up."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        node.jobs.start()
        try:
            yield
        finally:
            await run_in_threadpool(node.jobs.stop)
            await run_in_threadpool(node.desk.close)

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.node = node
    app.include_router(_open)
    app.include_router(_guarded)
    app.add_exception_handler(RefrainError, problems.refused)
    app.add_exception_handler(HTTPException, problems.unrouted)
    app.add_exception_handler(Exception, problems.broken)
    return app


def _node(request: Request) -> Node:
    found: Node = request.app.state.node
    return found


def _authorise(request: Request) -> None:
    expected = b"Bearer " + _node(request).token.reveal().encode()
    shown = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(shown, expected):
        raise NoToken("a valid bearer token is needed", field="Authorization")


At = Annotated[Node, Depends(_node)]

_open = APIRouter(prefix="/v1")
_guarded = APIRouter(prefix="/v1", dependencies=[Depends(_authorise)])


@_open.get("/health")
def health(node: At) -> Any:
    """Which engines run here, whether CLAP does, and which recordings are held."""
    return {
        "status": "ok",
        "engines": list(node.engines),
        "payee": node.payee,
        "clap": node.clap,
        "held": node.vault.held(),
    }


@_open.put("/vault/{recording}")
async def upload(recording: str, request: Request, node: At) -> Response:
    """Takes a recording's file from its owner; nobody else's bytes are even read."""
    number = bodies.path_recording(recording)
    deadline = fields.decimal(request.query_params.get("deadline"), "deadline")
    signature = request.headers.get("x-refrain-signature", "")
    entry = await run_in_threadpool(node.repertoire.entry, number)
    uploads.check(entry, node.deployment, deadline, signature, node.clock())
    await node.vault.receive(entry.audio, bodies.pieces(request, LARGEST, UPLOAD_SECONDS))
    held = await run_in_threadpool(node.vault.admit, number, entry.audio)
    return JSONResponse(asdict(held), status_code=201)


@_guarded.post("/jobs")
async def submit(request: Request, node: At) -> Response:
    """Queues a generation; the same terms again are the same job."""
    body = read_body(await bodies.parsed(request, MOST_JOB_BYTES), node.engines)
    view = await run_in_threadpool(node.jobs.submit, body)
    return JSONResponse(_brief(view), status_code=202)


@_guarded.get("/jobs/{job_id}")
def job(job_id: str, node: At) -> Any:
    """Where a job stands, and its vectors once it is done."""
    return node.jobs.view(fields.word(job_id, "id"))


@_guarded.get("/jobs/{job_id}/audio")
def audio(job_id: str, node: At) -> Response:
    """The track: 44.1 kHz stereo, 16 bits, a header of 44 bytes."""
    return FileResponse(node.jobs.file(fields.word(job_id, "id"), AUDIO), media_type=WAV)


@_guarded.get("/jobs/{job_id}/trace")
def trace(job_id: str, node: At) -> Response:
    """The trace in canonical JSON."""
    path = node.jobs.file(fields.word(job_id, "id"), TRACE)
    return FileResponse(path, media_type="application/json")


@_guarded.post("/replays")
async def replay(request: Request, node: At) -> Response:
    """Renders a trace, of whichever node, from this node's own vault."""
    content = await bodies.whole(request, replays.MOST_BYTES)
    rendered = await run_in_threadpool(_render, node, content)
    return Response(rendered, media_type=WAV)


def _render(node: Node, content: bytes) -> bytes:
    found = replays.read(content)
    sources = [as_json(source) for source in replays.sources(found, node.vault)]
    with tempfile.TemporaryDirectory(dir=node.scratch) as folder:
        script, out = Path(folder, TRACE), Path(folder, AUDIO)
        files.write(script, found.to_json())
        wanted = {"trace": str(script), "sources": sources, "out": str(out)}
        node.desk.run("replay", wanted)
        return out.read_bytes()


def _brief(view: dict[str, Any]) -> dict[str, Any]:
    return {name: view[name] for name in ("id", "state", "progress")}
