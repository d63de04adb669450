"""A read-only trustless gateway over what was pinned: whole files, single blocks, CAR files.

    GET /ipfs/<cid>                the file; one range of bytes may be asked for
    GET /ipfs/<cid>?format=raw     the block, or Accept: application/vnd.ipld.raw
    GET /ipfs/<cid>?format=car     every block below it (CARv1, depth first, each once)
    GET /health

Each block is hashed before it is sent, and sent before the next is read: a slow reader holds one
block in memory, and a block that turns out damaged ends the answer short of its length. Nothing is
named but by CID. Files are public and never change, so any page may read them and any cache keep
them; no type but audio/wav and application/json is ever claimed, so no browser runs them.

Sources: specs.ipfs.tech, Trustless Gateway and Path Gateway.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from oracle.api.errors import Malformed, on_bug, on_fault, on_http
from oracle.domain import dagpb
from oracle.domain.car import car_of
from oracle.domain.cid import RAW, decode, walk
from oracle.domain.errors import Inconsistent, InvalidInput, RefrainError, WrongBytes

RAW_TYPE = "application/vnd.ipld.raw"
CAR_TYPE = "application/vnd.ipld.car"
CAR_ANSWER = f"{CAR_TYPE}; version=1; order=dfs; dups=n"
ALWAYS = {
    "Cache-Control": "public, max-age=29030400, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag, X-Ipfs-Path",
    "Vary": "Accept",
}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class BlockStore(Protocol):
    """What is served: blocks by CID. Raises NotFound, WrongBytes, Unavailable."""

    def block(self, cid: str) -> bytes: ...


def gateway(store: BlockStore) -> Starlette:
    """The application. `store` is asked for one block at a time, from worker threads."""

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

    return Starlette(
        routes=[Route("/health", health), Route("/ipfs/{cid:path}", content)],
        exception_handlers={
            RefrainError: on_fault,
            HTTPException: on_http,
            Exception: on_bug,
        },
    )


def health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def asked_for(request: Request) -> tuple[str, int, str]:
    """The CID, its codec and the form. Raises Malformed when the request names none of ours."""
    cid = request.path_params["cid"]
    try:
        return cid, decode(cid)[0], form_of(request)
    except InvalidInput as error:
        raise Malformed(error.detail, field=error.field, value=error.value) from error


def form_of(request: Request) -> str:
    """`raw`, `car` or `file`, as the query asks or, without one, the Accept header.

    Raises:
        InvalidInput: a format or a version of CAR that is not served.
    """
    form = request.query_params.get("format")
    if form not in (None, "raw", "car"):
        raise InvalidInput("raw and car are served", field="format", value=form)
    version = request.query_params.get("car-version", "1")
    for media, options in _accepted(request.headers.get("accept", "")):
        if form is None and media in (RAW_TYPE, CAR_TYPE):
            form = media.rsplit(".", 1)[1]
        if media == CAR_TYPE:
            version = options.get("version", version)
    if form == "car" and version != "1":
        raise InvalidInput("CAR version 1 is served", field="version", value=version)
    return form or "file"


def kind_of(head: bytes) -> str:
    """The media type of a file by its first block: wave audio, a JSON object, or just bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:2] in (b'{"', b"{}"):
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            return "application/octet-stream"
        return "application/json"
    return "application/octet-stream"


def _accepted(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for offer in header.lower().split(","):
        media, *options = (part.strip() for part in offer.split(";"))
        yield media, dict(option.split("=", 1) for option in options if "=" in option)


def _block(store: BlockStore, cid: str) -> bytes:
    try:
        return store.block(cid)
    except WrongBytes as error:
        detail = "the block we keep is damaged"
        raise Inconsistent(detail, field="cid", value=cid) from error


def _blocks(store: BlockStore, cid: str) -> Iterator[tuple[str, bytes]]:
    return walk(cid, lambda name: _block(store, name))


def _leaves(store: BlockStore, cid: str) -> Iterator[bytes]:
    return (block for name, block in _blocks(store, cid) if decode(name)[0] == RAW)


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
    start, end = _range(request, size)
    status = HTTPStatus.OK
    if end - start != size:
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)

    def chunks() -> Iterator[bytes]:
        yield head
        yield from leaves

    return _streamed(request, _cut(chunks(), start, end), headers, status)


def _range(request: Request, size: int) -> tuple[int, int]:
    """First byte and the one after the last. A range we cannot serve is ignored: all of it."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    first, last = asked.groups() if asked else ("", "")
    if first:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    else:
        start, end = max(0, size - int(last or size)), size
    return (start, end) if start < end else (0, size)


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
