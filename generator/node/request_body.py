"""Reads request bodies: bounded, strict JSON, and what the caller signed."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from oracle.domain import canonical, fields
from oracle.domain.call import body_digest
from oracle.domain.errors import InvalidInput
from oracle.http import body
from oracle.http.caller import Caller

SECONDS = 60.0
"""Seconds in which a small body must arrive."""

MOST_ASKED = 1_000
"""Recordings that one request may ask about."""

FRAME = 16 * 1024
"""Bytes of a multipart body besides its parts."""


def pieces(request: Request, most: int, seconds: float = SECONDS) -> AsyncIterator[bytes]:
    """The body as it arrives; see `oracle.http.body.pieces` for what it raises."""
    return body.pieces(request.receive, request.headers.raw, most, seconds)


async def parsed(request: Request, most: int, caller: Caller) -> Any:
    """A signed body of strict JSON: unique keys and whole numbers only.

    Raises:
        InvalidInput: as `pieces`, or it is not strict JSON.
        Unauthorised: it is not the body that the caller signed.
    """
    data = b"".join([piece async for piece in pieces(request, most)])
    caller.require_body(body_digest(data))
    return await run_in_threadpool(canonical.loads, data)


async def recordings(request: Request, most: int, caller: Caller) -> list[int]:
    """The ids of a signed body {recordings: [id]}, 1 to `MOST_ASKED` of them.

    Raises:
        InvalidInput, Unauthorised: as `parsed`, or the body has another form.
    """
    asked = await parsed(request, most, caller)
    listed = fields.mapping(asked, "", ("recordings",))["recordings"]
    numbers = fields.listing(listed, "recordings", 1, MOST_ASKED)
    for index, number in enumerate(numbers):
        fields.integer(number, f"recordings[{index}]", 1, fields.UINT32_MAX)
    return numbers


@contextlib.asynccontextmanager
async def parts(
    request: Request, most: Mapping[str, int], caller: Caller, scratch: Path
) -> AsyncIterator[Mapping[str, Path]]:
    """The parts of a signed multipart body, as files for the time of the request.

    Args:
        most: name of each part, all of which are needed, to its largest size in bytes.
        scratch: folder for the files.

    Raises:
        InvalidInput: as `pieces`, or it is not multipart, or a part is missing, unknown, sent
            twice or too large; names the part.
        Unauthorised: it is not the body that the caller signed.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        form = await _form(request, sum(most.values()) + FRAME, len(most), caller)
        try:
            await run_in_threadpool(_store, form, most, Path(folder))
        finally:
            await form.close()
        yield {name: Path(folder, name) for name in most}


async def _form(request: Request, most: int, count: int, caller: Caller) -> FormData:
    """The parts on disk, once the whole body is here and is the signed one."""
    digest = hashlib.sha256()

    async def hashed() -> AsyncGenerator[bytes, None]:
        async for piece in pieces(request, most):
            digest.update(piece)
            yield piece

    if "content-type" not in request.headers:
        raise InvalidInput("must be multipart/form-data", field="Content-Type")
    parser = MultiPartParser(request.headers, hashed(), max_files=count, max_fields=0)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InvalidInput(error.message, field="body") from None
    caller.require_body(digest.digest())
    return form


def _store(form: FormData, most: Mapping[str, int], folder: Path) -> None:
    for name in form:
        if name not in most:
            raise InvalidInput("is not a known part", field=name[:80])
    for name, largest in most.items():
        found = form.getlist(name)
        if len(found) != 1 or not isinstance(found[0], UploadFile):
            raise InvalidInput("must be sent once, as a file", field=name, value=len(found))
        size = found[0].size or 0
        if size > largest:
            raise InvalidInput(f"must have at most {largest} bytes", field=name, value=size)
        with (folder / name).open("wb") as file:
            shutil.copyfileobj(found[0].file, file)


def path_recording(text: str) -> int:
    """Parse a recording's id in a path: decimal, without a sign or leading zeros."""
    return fields.integer(fields.decimal(text, "recording"), "recording", 1, fields.UINT32_MAX)
