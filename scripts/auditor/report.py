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


class Unreadable(Exception):
    """An input of the audit cannot be read; it counts as a mismatch, with the reason.

    Its kind Unanswered, of a service that did not answer, is counted apart.
    """


class Unanswered(Unreadable):
    """A service did not answer: the audit is incomplete, and nothing is wrong with the ledger."""


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
    """One field: the value that `source` states, the value of the audit, the result."""

    group: str
    field: str
    ok: bool
    source: str
    said: str
    recomputed: str


def show(value: Any, most: int = 160) -> str:
    """A value on one line, shortened, without control characters: a manifest may hold any text."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= most else f"{text[:most]}.. ({len(text)} characters)"


class Report:
    """Collects verdicts and writes one line each."""

    def __init__(self, outs: Sequence[TextIO]) -> None:
        self.outs, self.verdicts = list(outs), list[Verdict]()
        self.lost = ""
        self.group = ""
        self.unanswered = 0

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

    def begin(self, group: str, title: str) -> None:
        """Starts a group of verdicts with a title."""
        self.group = group
        self.line(f"\n== {title}")

    def holds(self, name: str, good: bool, said: Any, found: Any, source: str = "chain",
              finder: str = "must be") -> bool:
        """A verdict on a condition; `found` describes the values that are permitted."""
        name = f"{self.group} {name}" if self.group else name
        said, found = show(said), show(found)
        self.verdicts.append(Verdict(self.group, name, good, source, said, found))
        wrong = f"MISMATCH {name}: {source} says {said}, {finder} {found}"
        self.line(f"ok   {name}" if good else wrong)
        return good

    def equal(self, name: str, said: Any, found: Any, source: str = "chain",
              finder: str = "recomputed") -> bool:
        """A verdict on two values, which must be equal; `finder` tells where `found` is from."""
        same = type(said) is type(found) and said == found
        return self.holds(name, same, said, found, source, finder)

    def unread(self, name: str, reason: str, answered: bool = True) -> None:
        """A verdict on a field that cannot be read; `answered`: its source has answered."""
        self.unanswered += not answered
        name, reason = f"{self.group} {name}" if self.group else name, show(reason, 500)
        self.verdicts.append(Verdict(self.group, name, False, "nobody", "unreadable", reason))
        self.line(f"UNREADABLE {name}: {reason}")

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Turns any error inside into a verdict on `name`."""
        try:
            yield
        except WrongBlock as wrong:
            self.wrong_block(name, wrong)
        except Unreadable as error:
            self.unread(name, str(error), answered=not isinstance(error, Unanswered))
        except OSError as error:
            self.unread(name, f"cannot be read: {error}")
        except BROKEN as error:
            self.unread(name, f"malformed: {type(error).__name__}: {error}")

    def wrong_block(self, name: str, wrong: WrongBlock) -> None:
        """A verdict on a block whose hash is not the one in its CID."""
        self.holds(f"{name} block", False, wrong.cid, wrong.found, "the CID", "recomputed")

    @property
    def mismatches(self) -> int:
        """The number of verdicts that are not ok, without those on what nobody answered."""
        return sum(not verdict.ok for verdict in self.verdicts) - self.unanswered
