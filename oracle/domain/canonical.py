"""Canonical JSON: each value has exactly one text, and all numbers are whole.

Python's own parser keeps the last of two equal keys and accepts NaN, so two parsers could read one
file differently. This parser accepts a text only when every parser must read the same value. It is
Python's with strict hooks; `docs/adr/0018-strict-json-in-linear-time.md` compares it with others.

The time of every function here is linear in the size of the text or value, also for a text that is
refused.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn

from oracle.domain.errors import InvalidInput

DEEPEST = 32
"""Largest nesting depth. No format here needs more, and deep input exhausts the stack."""

_STRING = re.compile(rb'"[^"]*"?')
"""In a text without escaped quotes. A string that does not end matches too: otherwise the search
would begin anew at each of its quotes."""

_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - _STEPS.keys())

_PLAIN = frozenset((int, bool, str, type(None)))
"""Types of values that are in order anywhere; of text only what is ASCII."""

_Place = tuple[Any, "str | int"] | None
"""Where a value is: the place of its container and its key or index; None for the whole value."""


def dumps(value: Any) -> bytes:
    """The canonical JSON of `value` in UTF-8, without a trailing newline.

    Args:
        value: dicts with text keys, lists, tuples, text, whole numbers, true, false, null.

    Raises:
        InvalidInput: a float, another type, text that is not Unicode, or deeper than `DEEPEST`.
    """
    _inspect(value, None, 0)
    return _text(value)


def loads(data: bytes | str) -> Any:
    """The value of a JSON text with unique keys and no float, NaN or infinity.

    Raises:
        InvalidInput: any other text, or bytes that are not UTF-8.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        _refuse_deep(text.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        value = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(f"is not JSON: {error}") from error
    except ValueError as error:
        raise InvalidInput("holds a number with too many digits") from error
    # The hooks and `_refuse_deep` leave only one thing to find: half a surrogate pair, which
    # cannot be in UTF-8 but in an escape, or in a text that was never bytes.
    if isinstance(data, str) or "\\u" in text:
        _inspect(value, None, 0)
    return value


def loads_canonical(data: bytes, what: str, most: int | None = None) -> Any:
    """As `loads`; `data` must also be the canonical text of its value.

    Args:
        what: name of the file for the error, such as ``manifest``.
        most: values that it may hold, if that is limited: small ones take 30 times the memory of
            their text. Commas and brackets inside of strings count too.

    Raises:
        InvalidInput: as `loads`, or the text is not canonical, or holds too many values.
    """
    if most is not None and (count := sum(map(data.count, (b",", b"[", b"{")))) > most:
        raise InvalidInput(f"must hold at most {most} values", field=what, value=count)
    value = loads(data)
    if _text(value) != data:
        raise InvalidInput("is not canonical JSON", field=what)
    return value


def _text(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _refuse_deep(data: bytes) -> None:
    # Runs before the parser, which recurses in C: when a library has raised Python's recursion
    # limit, deep input ends the process instead of raising an error.
    outside = _STRING.sub(b"", data.replace(b"\\\\", b"").replace(b'\\"', b""))
    steps = map(_STEPS.__getitem__, outside.translate(None, _NO_BRACKETS))
    if max(accumulate(steps), default=0) > DEEPEST:
        raise InvalidInput(f"is nested deeper than {DEEPEST} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise InvalidInput("holds the same key twice", value=counts.most_common(1)[0][0])
    return result


def _no_float(text: str) -> NoReturn:
    raise InvalidInput("holds a number that is not whole", value=text)


def _inspect(value: Any, place: _Place, depth: int) -> None:
    if depth > DEEPEST:
        raise InvalidInput(f"is nested deeper than {DEEPEST} levels", field=_named(place))
    # Most members are plain, and to look at them here takes a fifth of the time of a call.
    plain = _PLAIN if depth < DEEPEST else ()
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                _inspect_key(key, place)
            kind = type(item)
            if kind not in plain or (kind is str and not item.isascii()):
                _inspect(item, (place, key), depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            kind = type(item)
            if kind not in plain or (kind is str and not item.isascii()):
                _inspect(item, (place, index), depth + 1)
    elif isinstance(value, str):
        _unicode(value, place)
    elif not (value is None or isinstance(value, int)):
        detail = "has a type that canonical JSON lacks"
        raise InvalidInput(detail, field=_named(place), value=value)


def _inspect_key(key: Any, place: _Place) -> None:
    if not isinstance(key, str):
        raise InvalidInput("has a key that is not text", field=_named(place), value=key)
    _unicode(key, place)


def _unicode(text: str, place: _Place) -> None:
    # Half a surrogate pair is a legal Python string and JSON escape, but it has no UTF-8 form.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput("holds half a surrogate pair", field=_named(place)) from error


def _named(place: _Place) -> str:
    """The dotted path of a place, cut to 80 characters. Only errors pay for it."""
    steps = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step[:80]}")
    return "".join(reversed(steps)).removeprefix(".")[:80]
