"""JSON of the manifest and the trace: canonical, integers only, no repeated keys."""

from __future__ import annotations

import json
import sys
from typing import Any

from .report import Malformed


def read_json(data: bytes, **hooks: Any) -> Any:
    """Reads untrusted JSON. Raises ValueError, or RecursionError if it is nested too deeply."""
    # py_ecc, which eth_account imports, raises the limit so far that deep nesting ends the process.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    try:
        return json.loads(data.decode(), **hooks)
    finally:
        sys.setrecursionlimit(limit)


def canonical(value: Any) -> bytes:
    """The one encoding that the format permits: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def parse(data: bytes) -> dict[str, Any]:
    """A JSON object of integers, strings, lists and objects without repeated keys."""
    def refuse(text: str) -> Any:
        raise Malformed(f"JSON: {text} is not an integer")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Malformed("JSON: a key is repeated")
        return dict(pairs)

    try:
        found = read_json(data, parse_float=refuse, parse_constant=refuse,
                          object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"JSON: {type(error).__name__}: {error}") from None
    if not isinstance(found, dict):
        raise Malformed("JSON: not an object")
    return found
