"""Request bodies that are bounded in bytes and in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from starlette.types import Message, Receive

from oracle.domain.errors import InvalidInput
from oracle.http.problems import TooLarge, TooSlow


async def pieces(
    receive: Receive, headers: Iterable[tuple[bytes, bytes]], most: int, seconds: float
) -> AsyncIterator[bytes]:
    """The body of a request as it arrives.

    Args:
        receive: the ASGI callable of the request.
        headers: of the request, names in lower case. A declared length above `most` is refused
            before anything is read.
        most: bytes of the whole body.
        seconds: from the first look until the whole body must have arrived.

    Raises:
        TooLarge: the body has, or says it has, more than `most` bytes.
        TooSlow: the body has not arrived after `seconds`.
        InvalidInput: the sender left before the end.
    """
    _require_declared(headers, most)
    size, more = 0, True
    end = asyncio.get_running_loop().time() + seconds
    while more:
        message = await _next(receive, end, seconds)
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size > most:
            raise _too_large(most, size)
        yield piece


async def whole(
    receive: Receive, headers: Iterable[tuple[bytes, bytes]], most: int, seconds: float
) -> bytes:
    """The body in one piece. Takes and raises what `pieces` does."""
    return b"".join([piece async for piece in pieces(receive, headers, most, seconds)])


async def _next(receive: Receive, end: float, seconds: float) -> Message:
    try:
        async with asyncio.timeout_at(end):
            message = await receive()
    except TimeoutError:
        raise TooSlow(f"must arrive within {seconds:g} seconds", field="body") from None
    if message["type"] == "http.disconnect":
        raise InvalidInput("ends before it is complete", field="body")
    return message


def _require_declared(headers: Iterable[tuple[bytes, bytes]], most: int) -> None:
    for length in (value for name, value in headers if name == b"content-length"):
        if not length.isdigit() or int(length[:20]) > most:
            raise _too_large(most, length.decode("latin-1"))


def _too_large(most: int, found: object) -> TooLarge:
    return TooLarge(f"must have at most {most} bytes", field="body", value=found)
