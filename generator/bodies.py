"""Request bodies: bounded in bytes and in time, and JSON that has only one reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import ClientDisconnect, Request

from generator.problems import TooLarge, TooSlow
from oracle.domain import canonical, fields
from oracle.domain.errors import InvalidInput

SECONDS = 60.0
"""Until a small body must have arrived."""


async def pieces(request: Request, most: int, seconds: float = SECONDS) -> AsyncIterator[bytes]:
    """The body as it arrives.

    Raises:
        TooLarge: it has, or says it has, more than `most` bytes.
        TooSlow: it has not arrived after `seconds`.
        InvalidInput: the sender went away in the middle.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise TooLarge(f"at most {most} bytes", field="body", value=announced)
    size, stream = 0, aiter(request.stream())
    end = asyncio.get_running_loop().time() + seconds
    while (piece := await _next(stream, end, seconds)) is not None:
        size += len(piece)
        if size > most:
            raise TooLarge(f"at most {most} bytes", field="body", value=size)
        yield piece


async def _next(stream: AsyncIterator[bytes], end: float, seconds: float) -> bytes | None:
    try:
        async with asyncio.timeout_at(end):
            return await anext(stream, None)
    except TimeoutError:
        raise TooSlow(f"must arrive within {seconds:g} seconds", field="body") from None
    except ClientDisconnect:
        raise InvalidInput("ends before it is complete", field="body") from None


async def whole(request: Request, most: int) -> bytes:
    """A body of at most `most` bytes. Raises as `pieces` does."""
    return b"".join([piece async for piece in pieces(request, most)])


async def parsed(request: Request, most: int) -> Any:
    """A body of strict JSON: unique keys, whole numbers, nothing else. Raises InvalidInput too."""
    return canonical.loads(await whole(request, most))


def path_recording(text: str) -> int:
    """A recording's id in a path: decimal, no sign, no leading zeros."""
    return fields.integer(fields.decimal(text, "recording"), "recording", 1, fields.UINT32_MAX)
