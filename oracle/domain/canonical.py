"""One value, one text: canonical JSON with whole numbers only, and a parser that rejects the rest.

Python's own parser keeps the last of two equal keys and accepts NaN; two readers of one file could
then see different things. This one accepts a text only when every reader must see the same value.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from oracle.domain.errors import InvalidInput

DEEPEST = 32
"""Nesting beyond this is refused: nothing here needs it, and deep input exhausts a stack."""

_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]', re.DOTALL)


def dumps(value: Any) -> bytes:
    """The canonical JSON of `value` in UTF-8, without a trailing newline.

    Args:
        value: dicts with text keys, lists, tuples, text, whole numbers, true, false, null.

    Raises:
        InvalidInput: a float, another type, text that is not Unicode, or nesting beyond `DEEPEST`.
    """
    _inspect(value, "", 0)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def loads(data: bytes | str) -> Any:
    """The value of a JSON text with unique keys and no float, NaN or infinity.

    Raises:
        InvalidInput: for anything else, and for text that is not UTF-8.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        _refuse_deep(text)
        value = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(f"is not JSON: {error}") from error
    except ValueError as error:
        raise InvalidInput("holds a number with too many digits") from error
    _inspect(value, "", 0)
    return value


def loads_canonical(data: bytes, what: str) -> Any:
    """Like `loads`, and `data` must be the canonical text of its value.

    Args:
        what: name of the file for the error, such as ``manifest``.
    """
    value = loads(data)
    if dumps(value) != data:
        raise InvalidInput("is not canonical JSON", field=what)
    return value


def _refuse_deep(text: str) -> None:
    # Before parsing: the standard parser recurses in C, and where a library has raised Python's
    # recursion limit, deep input ends the process instead of raising.
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > DEEPEST:
            raise InvalidInput(f"is nested deeper than {DEEPEST} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise InvalidInput("holds the same key twice", value=key)
        result[key] = value
    return result


def _no_float(text: str) -> NoReturn:
    raise InvalidInput("holds a number that is not whole", value=text)


def _inspect(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise InvalidInput(f"is nested deeper than {DEEPEST} levels", field=path[:80])
    if isinstance(value, dict):
        for key, item in value.items():
            _inspect_key(key, path)
            _inspect(item, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _inspect(item, f"{path}[{index}]", depth + 1)
    elif isinstance(value, str):
        _unicode(value, path)
    elif not (value is None or isinstance(value, int)):
        raise InvalidInput("has a type that canonical JSON has not", field=path, value=value)


def _inspect_key(key: Any, path: str) -> None:
    if not isinstance(key, str):
        raise InvalidInput("has a key that is not text", field=path, value=key)
    _unicode(key, path)


def _unicode(text: str, path: str) -> None:
    # Half a surrogate pair is a legal Python string and legal JSON escape, but has no UTF-8 form.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput("holds half a surrogate pair", field=path) from error
