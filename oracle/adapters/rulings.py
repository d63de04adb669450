"""The table of rulings about copies, one for each pair of recordings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text, or_, select
from sqlalchemy.dialects.sqlite import insert

from oracle.adapters.database import metadata
from oracle.domain import canonical
from oracle.domain.copies import Decision, Ruling, decision_json, decision_of
from oracle.domain.errors import Inconsistent, InvalidInput

RULINGS = Table(
    "copy_rulings",
    metadata,
    Column("recording", Integer, primary_key=True),
    Column("other", Integer, primary_key=True, index=True),
    Column("body", Text, nullable=False),
)

MOST_ASKED = 500
"""Recordings in one question; SQLite has a limit."""


def write_ruling(connection: Connection, ruling: Ruling) -> None:
    """Saves a ruling in place of an earlier one of its pair."""
    known = read_ruling(connection, ruling.decision)
    if known is not None and known.decision.time > ruling.decision.time:
        return
    values = {
        "recording": ruling.decision.recording, "other": ruling.decision.other,
        "body": _text(ruling),
    }  # fmt: skip
    made = insert(RULINGS).values(values)
    changed = made.on_conflict_do_update(["recording", "other"], set_={"body": values["body"]})
    connection.execute(changed)


def read_ruling(connection: Connection, decision: Decision) -> Ruling | None:
    """The ruling about a decision's pair, if any."""
    here = (RULINGS.c.recording == decision.recording) & (RULINGS.c.other == decision.other)
    text = connection.execute(select(RULINGS.c.body).where(here)).scalar_one_or_none()
    return _ruling(text) if text is not None else None


def read_rulings(connection: Connection, recordings: Collection[int]) -> list[Ruling]:
    """All rulings about any of some recordings, ascending by pair."""
    listed, found = sorted(recordings), {}
    for first in range(0, len(listed), MOST_ASKED):
        some = listed[first : first + MOST_ASKED]
        named = or_(RULINGS.c.recording.in_(some), RULINGS.c.other.in_(some))
        for text in connection.execute(select(RULINGS.c.body).where(named)).scalars():
            ruling = _ruling(text)
            found[ruling.decision.pair] = ruling
    return [found[pair] for pair in sorted(found)]


def _text(ruling: Ruling) -> str:
    value: dict[str, Any] = {
        "decision": decision_json(ruling.decision), "by": ruling.by,
        "papers": list(ruling.papers), "signatures": dict(ruling.signatures),
    }  # fmt: skip
    return canonical.dumps(value).decode()


def _ruling(text: str) -> Ruling:
    """Raises Inconsistent on a damaged text."""
    try:
        value = canonical.loads(text)
        decision = decision_of(value["decision"])
        return Ruling(decision, value["by"], tuple(value["papers"]), value["signatures"])
    except (InvalidInput, KeyError, TypeError) as error:
        raise Inconsistent(f"a saved ruling cannot be read: {error}") from error
