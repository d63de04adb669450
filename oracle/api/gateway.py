"""A read-only trustless gateway over what was pinned: whole files, single blocks, CAR files.

    GET /ipfs/<cid>                the file; a Range header selects one range of bytes
    GET /ipfs/<cid>?format=raw     the block (also by Accept: application/vnd.ipld.raw)
    GET /ipfs/<cid>?format=car     every block of the tree (CARv1, depth first, each once)
    GET /health

The gateway hashes each block before it sends it, and sends it before it reads the next one. A slow
reader therefore keeps one block in memory, and a damaged block ends the answer before its declared
length. A CID that holds its few bytes itself (hash function identity) is answered from the CID:
clients probe a gateway with ``bafkqaaa``. CIDs are the only names. Files are public and never
change, so any page may read them and any cache may store them. The only declared types are
audio/wav, application/json and bytes, so no browser runs a file.

Sources: specs.ipfs.tech, Trustless Gateway and Path Gateway.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Scope

from oracle.api.errors import Malformed, on_bug, on_fault, on_http, problem_of
from oracle.api.gateway_requests import CAR_TYPE, RAW_TYPE, form_of, range_of
from oracle.domain import dagpb
from oracle.domain.car import car_of
from oracle.domain.cid import RAW, decode, inline, walk
from oracle.domain.errors import Inconsistent, InvalidInput, RefrainError, WrongBytes
from oracle.http.connections import client_of
from oracle.http.fronted import Pages
from oracle.http.shedding import Shedding
from oracle.http.turns import Turns

CAR_ANSWER = f"{CAR_TYPE}; version=1; order=dfs; dups=n"
ALWAYS = {
    "Cache-Control": "public, max-age=29030400, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag, X-Ipfs-Path",
    "Vary": "Accept",
}
PAGES = Pages(
    methods=("GET", "HEAD"),
    headers=("If-None-Match", "Range", "User-Agent", "X-Requested-With"),
    exposed=(*ALWAYS["Access-Control-Expose-Headers"].split(", "), "Retry-After"),
)
"""What web pages may do: all of them, because pinned files are public."""
ANSWERS, ANSWERS_EACH = 128, 32
"""Answers under way, in all and to one client address: each keeps up to three blocks in memory."""


class BlockStore(Protocol):
    """Blocks by CID. Raises NotFound, WrongBytes, Unavailable."""

    def block(self, cid: str) -> bytes: ...


def gateway(store: BlockStore) -> Starlette:
    """The application. It reads one block at a time from `store`, in worker threads."""

    def content(request: Request) -> Response:
        cid, codec, form = asked_for(request)
        root = _block(store, cid)
        if _known(request, cid, form):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=_headers(cid, form))
        if form == "raw":
            return _whole(request, root, _headers(cid, form))
        if form == "car":
            pieces = car_of(cid, _blocks(store, cid))
            return _streamed(request, pieces, _headers(cid, form))
        size = len(root) if codec == RAW else dagpb.file_size(root)
        return _file(request, cid, size, _leaves(store, cid))

    everybody = Turns("answers", ANSWERS, 0)
    client = Turns("answers to this client", ANSWERS_EACH, 0)

    def needed(scope: Scope) -> Iterator[tuple[Turns, str]]:
        if scope["path"] != "/health":
            address = scope["client"][0] if scope["client"] else ""
            yield from ((everybody, ""), (client, client_of(address)))

    return Starlette(
        middleware=[Middleware(Shedding, needed=needed, refuse=problem_of)],
        routes=[Route("/health", health), Route("/ipfs/{cid:path}", content)],
        exception_handlers={
            RefrainError: on_fault,
            HTTPException: on_http,
            Exception: on_bug,
        },
    )


async def health(_: Request) -> Response:
    """Answers while the process runs."""
    return JSONResponse({"status": "ok"})


def asked_for(request: Request) -> tuple[str, int, str]:
    """The CID, its codec and the form: `file`, `raw` or `car`.

    Raises:
        Malformed: the path is not a CID that we use, or the form is not served.
    """
    cid = request.path_params["cid"]
    try:
        codec = RAW if inline(cid) is not None else decode(cid)[0]
        return cid, codec, form_of(request)
    except InvalidInput as error:
        raise Malformed(error.detail, field=error.field, value=error.value) from error


def kind_of(head: bytes) -> str:
    """The media type of a file by its first block: WAV audio, a JSON object, or bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:2] in (b'{"', b"{}"):
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            return "application/octet-stream"
        return "application/json"
    return "application/octet-stream"


def _block(store: BlockStore, cid: str) -> bytes:
    if (held := inline(cid)) is not None:
        return held
    try:
        return store.block(cid)
    except WrongBytes as error:
        detail = "the stored block is damaged"
        raise Inconsistent(detail, field="cid", value=cid) from error


def _blocks(store: BlockStore, cid: str) -> Iterator[tuple[str, bytes]]:
    if (held := inline(cid)) is not None:
        return iter([(cid, held)])
    return walk(cid, lambda name: _block(store, name))


def _leaves(store: BlockStore, cid: str) -> Iterator[bytes]:
    blocks = _blocks(store, cid)
    return (block for name, block in blocks if inline(name) is not None or decode(name)[0] == RAW)


def _headers(cid: str, form: str) -> dict[str, str]:
    headers = {**ALWAYS, "ETag": _tag(cid, form), "X-Ipfs-Path": f"/ipfs/{cid}"}
    if form == "raw":
        headers["Content-Type"] = RAW_TYPE
        headers["Content-Disposition"] = f'attachment; filename="{cid}.bin"'
    if form == "car":
        headers["Content-Type"] = CAR_ANSWER
        headers["Content-Disposition"] = f'attachment; filename="{cid}.car"'
    return headers


def _tag(cid: str, form: str) -> str:
    return f'"{cid}"' if form == "file" else f'"{cid}.{form}"'


def _known(request: Request, cid: str, form: str) -> bool:
    given = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or _tag(cid, form) in tags


def _file(request: Request, cid: str, size: int, leaves: Iterator[bytes]) -> Response:
    head = next(leaves, b"")
    headers = {**_headers(cid, "file"), "Content-Type": kind_of(head), "Accept-Ranges": "bytes"}
    start, end = range_of(request, size)
    status = HTTPStatus.OK
    if end - start != size:
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)

    def chunks() -> Iterator[bytes]:
        yield head
        yield from leaves

    return _streamed(request, _cut(chunks(), start, end), headers, status)


def _cut(chunks: Iterable[bytes], start: int, end: int) -> Iterator[bytes]:
    at = 0
    for chunk in chunks:
        if piece := chunk[max(0, start - at) : max(0, end - at)]:
            yield piece
        at += len(chunk)
        if at >= end:
            return


def _whole(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    return _streamed(request, iter((body,)), {**headers, "Content-Length": str(len(body))})


def _streamed(
    request: Request,
    body: Iterator[bytes],
    headers: dict[str, str],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    sent = iter(()) if request.method == "HEAD" else body
    return StreamingResponse(sent, status_code=status, headers=headers)
