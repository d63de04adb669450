"""Which kind of file bytes are, where people hand over another kind under the name of a CSV."""

from __future__ import annotations

import re

_ZIPPED = (
    (b"xl/", "an Excel workbook"),
    (b"Index/", "a Numbers document"),
    (b"opendocument.spreadsheet", "a LibreOffice workbook"),
)
_STARTS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"bplist", "a property list"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"Rar!", "an archive (RAR)"),
    (b"7z\xbc\xaf", "an archive (7-Zip)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"RIFF", "audio"),
    (b"fLaC", "audio"),
    (b"OggS", "audio"),
    (b"ID3", "audio"),
    (b"SQLite format 3", "a database"),
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PAGE = re.compile(rb"<(!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_HEAD = 4_096


def foreign_kind(data: bytes) -> str:
    """What the bytes are if they are no table of text, such as ``an Excel workbook``; else empty.

    A web page and XML are text, but no CSV: spreadsheets and shops write them under that name.
    """
    if data.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ZIPPED if mark in data), "an archive (ZIP)")
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    head = _plain(data[:_HEAD]).lstrip()
    if _PAGE.match(head):
        return "a web page (HTML)"
    return "an XML file" if head.startswith(b"<?xml") else ""


def _plain(head: bytes) -> bytes:
    """Without a byte order mark and without the NUL bytes of UTF-16."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"")
