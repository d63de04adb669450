"""What a request to the gateway asks for: the form of the content and the range of its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.requests import Request

from oracle.domain.errors import InvalidInput

RAW_TYPE = "application/vnd.ipld.raw"
CAR_TYPE = "application/vnd.ipld.car"

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def form_of(request: Request) -> str:
    """`raw`, `car` or `file`, from the query or, without a format there, from the Accept header.

    Raises:
        InvalidInput: the format or the CAR version is not served.
    """
    form = request.query_params.get("format")
    if form not in (None, "raw", "car"):
        raise InvalidInput("must be raw or car", field="format", value=form)
    version = request.query_params.get("car-version", "1")
    for media, options in _accepted(request.headers.get("accept", "")):
        if form is None and media in (RAW_TYPE, CAR_TYPE):
            form = media.rsplit(".", 1)[1]
        if media == CAR_TYPE:
            version = options.get("version", version)
    if form == "car" and version != "1":
        raise InvalidInput(
            "must be 1: only CAR version 1 is served", field="version", value=version
        )
    return form or "file"


def range_of(request: Request, size: int) -> tuple[int, int]:
    """The first byte and the byte after the last; the whole file for any other range."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    first, last = asked.groups() if asked else ("", "")
    if first:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    else:
        start, end = max(0, size - int(last or size)), size
    return (start, end) if start < end else (0, size)


def _accepted(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for offer in header.lower().split(","):
        if "ipld" not in offer:
            continue  # no type that this gateway tells apart
        media, *options = (part.strip() for part in offer.split(";"))
        yield media, dict(option.split("=", 1) for option in options if "=" in option)
