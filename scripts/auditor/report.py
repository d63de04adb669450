"""The verdicts: one line for each field, and how many of them are not ok."""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

from eth_abi.exceptions import DecodingError, EncodingError
from eth_keys.exceptions import BadSignature, ValidationError

from .kinds import KINDS


class Unreadable(Exception):
    """An input of the audit cannot be read; with the reason. The audit is incomplete then."""


class Unanswered(Unreadable):
    """A service did not answer: nothing is known about the ledger."""


class Malformed(Unreadable):
    """A document that the chain names by its hash has not its form: a mismatch, no fault of a
    service."""


class Disproved(Unreadable):
    """An answer of the RPC does not follow from a hash that is known: a mismatch."""


class WrongBlock(Unreadable):
    """The hash of a block differs from the hash in its CID."""

    def __init__(self, cid: str, found: str, data: bytes) -> None:
        super().__init__(f"block {cid} holds bytes of {found}")
        self.cid, self.found, self.data = cid, found, data


# Any bad data from the chain or from IPFS must end as a verdict, never as a traceback.
BROKEN = (
    Unreadable, LookupError, TypeError, ValueError, ArithmeticError, AttributeError, OSError,
    RecursionError, struct.error, DecodingError, EncodingError, BadSignature, ValidationError,
)


@dataclass(frozen=True)
class Verdict:
    """One field: the value that `source` states, the value of the audit, the result.

    `state` is ok, mismatch, unreadable or not checked; `part` is what the field is a part of:
    money, content, sound, or trust for what no audit of this kind can check. `kind` says which
    kind of *not checked* it is (kinds.py).
    """

    group: str
    field: str
    ok: bool
    source: str
    said: str
    recomputed: str
    state: str
    part: str
    kind: str = ""


def show(value: Any, most: int = 160) -> str:
    """A value on one line, shortened, without control characters: a manifest may hold any text."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= most else f"{text[:most]}.. ({len(text)} characters)"


class Report:
    """Collects verdicts and writes one line each.

    `proven` are the trusts (kinds.py) that this audit need not have; `skipped` says why others are
    left, where there is more to say than kinds.py does.
    """

    def __init__(self, outs: Sequence[TextIO]) -> None:
        self.outs, self.verdicts = list(outs), list[Verdict]()
        self.lost = self.scope = ""
        self.group, self.part = "", "money"
        self.unanswered = 0
        self.proven, self.skipped = set[str](), dict[str, str]()

    def line(self, text: str = "") -> None:
        for out in list(self.outs):
            try:
                print(text, file=out)
            except OSError as error:
                self._lose(out, error)

    def flush(self) -> str:
        """Writes what is left; why an output took not all of it, empty when the reader left."""
        for out in list(self.outs):
            try:
                out.flush()
            except OSError as error:
                self._lose(out, error)
        return self.lost

    def _lose(self, out: TextIO, error: OSError) -> None:
        """The audit goes on without an output: its status and its files still count."""
        self.outs.remove(out)
        if not isinstance(error, BrokenPipeError):
            self.lost = f"the output cannot be written: {error.strerror}"
        if out is sys.stdout:  # the end of the program would try once more
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115

    def begin(self, group: str, title: str, part: str = "money") -> None:
        """Starts a group of verdicts on a part with a title."""
        self.group, self.part = group, part
        self.line(f"\n== {title}")

    def _add(self, name: str, state: str, source: str, said: str, found: str, kind: str = "",
             part: str = "") -> str:
        name = f"{self.group} {name}" if self.group else name
        self.verdicts.append(Verdict(self.group, name, state == "ok", source, said, found, state,
                                     part or self.part, kind))
        return name

    def holds(self, name: str, good: bool, said: Any, found: Any, source: str = "chain",
              finder: str = "must be") -> bool:
        """A verdict on a condition; `found` describes the values that are permitted."""
        said, found = show(said), show(found)
        name = self._add(name, "ok" if good else "mismatch", source, said, found)
        wrong = f"MISMATCH {name}: {source} says {said}, {finder} {found}"
        self.line(f"ok   {name}" if good else wrong)
        return good

    def equal(self, name: str, said: Any, found: Any, source: str = "chain",
              finder: str = "recomputed") -> bool:
        """A verdict on two values, which must be equal; `finder` tells where `found` is from."""
        same = type(said) is type(found) and said == found
        return self.holds(name, same, said, found, source, finder)

    def unread(self, name: str, reason: str, answered: bool = True) -> None:
        """A finding: a field cannot be read; `answered`: its source has answered."""
        self.unanswered += not answered
        reason = show(reason, 500)
        name = self._add(name, "unreadable", "nobody", "unreadable", reason)
        self.line(f"UNREADABLE {name}: {reason}")

    def skip(self, kind: str, name: str, reason: str = "") -> None:
        """A finding: something was not checked, of a kind that kinds.py lists."""
        part, why = KINDS[kind]
        reason = show(reason or why, 500)
        name = self._add(name, "not checked", "nobody", "not checked", reason, kind, part)
        self.line(f"NOT CHECKED {name}: {kind}: {reason}")

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Turns any error inside into a verdict on `name`."""
        try:
            yield
        except WrongBlock as wrong:
            self.wrong_block(name, wrong)
        except (Malformed, Disproved) as error:
            reason, is_form = show(str(error), 500), isinstance(error, Malformed)
            source, said = ("form", "malformed") if is_form else ("proof", "not proven")
            name = self._add(name, "mismatch", source, said, reason)
            self.line(f"MISMATCH {name}: {reason}")
        except Unreadable as error:
            self.unread(name, str(error), answered=not isinstance(error, Unanswered))
        except OSError as error:
            self.unread(name, f"cannot be read: {error}")
        except BROKEN as error:
            self.unread(name, f"malformed: {type(error).__name__}: {error}")

    def wrong_block(self, name: str, wrong: WrongBlock) -> None:
        """A verdict on a block whose hash is not the one in its CID."""
        self.holds(f"{name} block", False, wrong.cid, wrong.found, "the CID", "recomputed")

    def count(self, state: str) -> int:
        """The number of verdicts and findings with a state."""
        return sum(verdict.state == state for verdict in self.verdicts)

    @property
    def mismatches(self) -> int:
        """The number of verdicts that say that something is wrong."""
        return self.count("mismatch")
