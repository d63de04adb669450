"""The answers of an oracle's API, each field checked before anything uses it.

An oracle may send anything. A field of the wrong form is Inconsistent and named; a field that is
not known here is left out, so that an oracle may add fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from oracle.domain import fields
from oracle.domain.attribution import MILLION, MOST_REFERENCES
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.generation import Stage

View = Mapping[str, Any]
"""A checked answer. Amounts are decimal strings of smallest units, as in the API."""

LONGEST_TEXT = 20_000
MOST_ITEMS = 2 * MOST_REFERENCES
MOST_SECONDS = fields.UINT64_MAX


@contextmanager
def reading() -> Iterator[None]:
    """Turns InvalidInput into Inconsistent: the oracle made the mistake, not the user."""
    try:
        yield
    except InvalidInput as error:
        detail = f"is wrong in the oracle's answer: {error.detail}"
        raise Inconsistent(detail, field=error.field, value=error.value) from None


def quote(answer: Any) -> View:
    """The answer to a quote. Its refusals are empty when it is permitted, and only then."""
    with reading():
        found = _members(answer, "quote", _QUOTE)
        if found["permitted"] == bool(found["refusals"]):
            raise InvalidInput("does not fit the refusals", field="quote.permitted",
                               value=found["permitted"])  # fmt: skip
        return found


def generation(answer: Any, asked: str) -> View:
    """The view of the generation `asked`, 0x-hex."""
    with reading():
        found = _members(answer, "generation", _GENERATION)
        return _same(found, "generation.id", asked)


def taken(answer: Any, placed: str) -> View:
    """The answer to the order `placed`, whose hash it must name."""
    with reading():
        return _same(_members(answer, "order", {"id": fields.word}), "order.id", placed)


def _same(found: View, field: str, wanted: str) -> View:
    if found["id"] != wanted:
        raise InvalidInput(f"is not the order's hash {wanted}", field=field, value=found["id"])
    return found


Reader = Callable[[Any, str], Any]
"""Checks one value; its second argument is the field's name."""


def _members(value: Any, field: str, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The named members of a JSON object, each as its reader returns it."""
    if not isinstance(value, dict):
        raise InvalidInput("must be an object", field=field, value=type(value).__name__)
    for name in readers:
        if name not in value:
            raise InvalidInput("is missing", field=f"{field}.{name}")
    return {name: read(value[name], f"{field}.{name}") for name, read in readers.items()}


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput("must be true or false", field=field, value=value)
    return value


def _text(value: Any, field: str) -> str:
    """Text that may be empty."""
    return "" if value == "" else fields.text(value, field, LONGEST_TEXT)


def _amount(value: Any, field: str) -> str:
    return str(fields.decimal(value, field, fields.UINT64_MAX))


def _whole(high: int) -> Reader:
    return lambda value, field: fields.integer(value, field, 0, high)


def _stage(value: Any, field: str) -> str:
    return fields.choice(value, field, list(Stage))


def _object(readers: Mapping[str, Reader]) -> Reader:
    return lambda value, field: _members(value, field, readers)


def _maybe(read: Reader) -> Reader:
    return lambda value, field: None if value is None else read(value, field)


def _list(read: Reader) -> Reader:
    """A list with few items for each recording."""

    def listed(value: Any, field: str) -> list[Any]:
        items = fields.listing(value, field, 0, MOST_ITEMS)
        return [read(item, f"{field}[{index}]") for index, item in enumerate(items)]

    return listed


def _any_object(value: Any, field: str) -> dict[str, Any]:
    """An object that its user compares as a whole."""
    if not isinstance(value, dict):
        raise InvalidInput("must be an object", field=field, value=type(value).__name__)
    return value


_SHARE: dict[str, Reader] = {"recording": _whole(fields.UINT32_MAX), "weight": _whole(MILLION)}
_QUOTE: dict[str, Reader] = {
    "permitted": _flag,
    "refusals": _list(_object(
        {"recording": _maybe(_whole(fields.UINT32_MAX)), "reason": _text, "detail": _text}
    )),
    "price": _amount,
    "floor": _maybe(_object({"recording": _whole(fields.UINT32_MAX), "per_second": _amount})),
    "node_fee": _amount,
    "protocol_fee": _amount,
    "use": _whole(fields.UINT32_MAX),
    "split": _list(_object({**_SHARE, "amount": _amount})),
    "typed_data": _maybe(_any_object),
    "expires": _whole(MOST_SECONDS),
    "reserved": _maybe(_amount),
}  # fmt: skip
_GENERATION: dict[str, Reader] = {
    "id": fields.word,
    "stage": _stage,
    "detail": _text,
    "price": _amount,
    "links": _object({name: _maybe(_text) for name in ("self", "manifest", "audio", "trace")}),
    "transaction": _maybe(fields.word),
    "vector": _maybe(_list(_object(_SHARE))),
    "block": _maybe(_whole(fields.UINT64_MAX)),
    "original": _maybe(fields.word),
}
