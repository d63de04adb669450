"""The text of a table's file: UTF-8, UTF-16 or UTF-32, or one of the older encodings.

UTF-8, and UTF-16 with its mark, can be told from the bytes alone. The older encodings cannot: the
same bytes are other letters in each. So `readings` gives every reading, and the caller takes one
only if something tells it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from oracle.domain.errors import InvalidInput
from oracle.domain.file_kinds import foreign_kind

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is read as a table."""

_MARKED = (
    (codecs.BOM_UTF8, "UTF-8", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16"),
)
_OLDER = (
    ("Windows-1252", "cp1252"), ("Windows-1251", "cp1251"), ("Shift JIS", "cp932"),
    ("Windows-1250", "cp1250"), ("Windows-1253", "cp1253"), ("Windows-1254", "cp1254"),
    ("Windows-1255", "cp1255"), ("Windows-1256", "cp1256"), ("GBK", "gbk"), ("Big5", "cp950"),
    ("EUC-KR", "cp949"), ("Mac Roman", "mac_roman"), ("DOS 850", "cp850"),
)  # fmt: skip
_BETWEEN = re.compile(rb"[,;\t\r\n\"]")
_SHOWN = 3


@dataclass(frozen=True)
class Reading:
    """One way to read a file. `encoding`: its usual name, such as ``Windows-1252``."""

    encoding: str
    text: str


def readings(data: bytes, name: str, letters: str) -> list[Reading]:
    """The text of a file: one reading if the bytes tell, else one for each older encoding.

    Args:
        name: of the file, for the error.
        letters: ASCII letters that the text has to hold, in any case; they tell UTF-16 without
            its mark.

    Raises:
        InvalidInput: another kind of file, too large, a NUL byte, or bytes that are not of the
            encoding that the file says it has.
    """
    if len(data) > LARGEST:
        raise InvalidInput(f"must be at most {LARGEST >> 20} MiB", field=name, value=len(data))
    if kind := foreign_kind(data):
        raise InvalidInput(f"is {kind}, not CSV: save it as CSV UTF-8", field=name)
    for mark, encoding, codec in _MARKED:
        if data.startswith(mark):
            return [Reading(encoding, _decoded(data, name, encoding, codec))]
    if b"\0" in data:
        return [_unmarked(data, name, letters)]
    try:
        return [Reading("UTF-8", data.decode("utf-8"))]
    except UnicodeDecodeError:
        return _older(data)


def not_told(data: bytes, name: str) -> InvalidInput:
    """The error for a file whose encoding nothing tells: line, bytes, and what they may mean."""
    line, word = _first_odd(data)
    meanings: dict[str, str] = {}
    for encoding, codec in _OLDER:
        try:
            meanings.setdefault(word.decode(codec), encoding)
        except UnicodeDecodeError:
            continue
    listed = [f"{text!r} in {encoding}" for text, encoding in meanings.items()][:_SHOWN]
    may_be = f", which may be {' or '.join(listed)}" if listed else ""
    detail = f"is not UTF-8: bytes {word.hex(' ')}{may_be}; save it as CSV UTF-8"
    return InvalidInput(detail, field=f"{name} line {line}")


def _older(data: bytes) -> list[Reading]:
    found = []
    for encoding, codec in _OLDER:
        try:
            found.append(Reading(encoding, data.decode(codec)))
        except UnicodeDecodeError:
            continue
    return found


def _first_odd(data: bytes) -> tuple[int, bytes]:
    """Line of the first byte that is not UTF-8, and the bytes around it up to a separator."""
    try:
        data.decode("utf-8")
        at = 0
    except UnicodeDecodeError as error:
        at = error.start
    before, after = data[max(0, at - 20) : at], data[at : at + 20]
    word = _BETWEEN.split(before)[-1] + after[:1] + _BETWEEN.split(after[1:])[0]
    return line_of(data[:at].decode("latin-1")), word


def line_of(before: str) -> int:
    """The number of the line that follows a text; CR, LF and CRLF each end one."""
    return before.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _decoded(data: bytes, name: str, encoding: str, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        wrong = error.object[error.start : error.start + 4].hex(" ")
        line = line_of(error.object[: error.start].decode(codec, "ignore"))
        detail = f"says it is {encoding}, but holds bytes that are not"
        raise InvalidInput(detail, field=f"{name} line {line}", value=wrong) from None


def _unmarked(data: bytes, name: str, letters: str) -> Reading:
    """UTF-16 without its mark: its text holds the letters in one of the two orders of bytes."""
    for codec in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if letters in text[:4_096].lower() and "\0" not in text:
            return Reading("UTF-16", text)
    line = line_of(data[: data.index(b"\0")].decode("latin-1"))
    raise InvalidInput("holds a NUL byte", field=f"{name} line {line}")
