"""The roles of people in a local stack: one name, one role, and never a role of the stack itself.

The stack's own roles are words such as ``admin``, ``app`` or ``oracle-1``. A role of a person
begins with ``payee-`` or ``owner-``. A plain name (small letters of ASCII, digits, single dashes)
stands in the role as it is; any other name gets the beginning of its hash after an underscore,
which no plain name holds.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import PurePath

PAYEE, OWNER = "payee-", "owner-"
_PLAIN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHOWN = 40
_DIGITS = 24
"""Hex digits of the hash: 96 bits, so that nobody finds two names with one role."""


def payee_role(name: str) -> str:
    """The role of a payee by its name, which is in its one form (`oracle.domain.names`)."""
    return PAYEE + (name if _is_plain(name) else _marked(name))


def owner_role(file: str) -> str:
    """The role of the owner of a file, by the file's name: ``owner-a-wav`` for ``a.wav``."""
    path = PurePath(file)
    stem, kind = path.stem, path.suffix[1:]
    plain = _is_plain(stem) and _is_plain(kind) and "-" not in kind
    return OWNER + (f"{stem}-{kind}" if plain else _marked(file))


def slug(text: str) -> str:
    """The text with letters, digits and dashes only. Two texts may have the same one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed"


def _is_plain(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and len(name) <= _SHOWN


def _marked(name: str) -> str:
    """A part that people can read, and one that only this name has."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()
    return f"{slug(name)[:_SHOWN].rstrip('-')}_{digest[:_DIGITS]}"
