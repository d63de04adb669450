"""One settled order and the data that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_utils import to_bytes

from .books import Books
from .calls import Call
from .events import Log, Place

UNREAD: dict[str, Any] = {}
"""Stands for an object that was not read; an empty object that was read is another one."""
PART = {"references": "sound", **dict.fromkeys(
    ("transaction", "order", "attestation", "quorum", "amounts", "dispute", "upgrade"), "money")}
"""Step to the part that it checks; content, if it is not named."""


class Generation:
    """One settled order and the data that belongs to it; the checks fill the data in."""

    def __init__(self, books: Books, settled: Log) -> None:
        self.books, self.log, self.report = books, settled, books.report
        self.event, self.history = settled.args, books.history
        self.original = self.history.last("Upgraded", (2**64, 0), order=self.event["order"])
        self.call: Call | None = None
        self.order = self.attestation = self.quorum = self.manifest = self.trace = UNREAD
        self.audio: bytes | None = None
        self.lower = 0
        self.untraced = False

    def step(self, name: str, check: Callable[[Generation], None], *needs: Any) -> None:
        """Runs a check; names a check whose inputs are missing instead of running it."""
        self.report.part = PART.get(name, "content")
        if any(need is UNREAD or need is None for need in needs):
            self.report.skip("missing input", name)
            return
        with self.report.reading(name):
            check(self)

    @property
    def order_signature(self) -> bytes:
        return to_bytes(hexstr=self.call.order_signature) if self.call else b""

    def same(self, name: str, said: Any, found: Any, source: str, finder: str) -> None:
        """Compares field by field, so that a mismatch names the innermost field."""
        if isinstance(said, dict) and isinstance(found, dict):
            for key in sorted({*said, *found}):
                self.same(f"{name}.{key}", said.get(key), found.get(key), source, finder)
        else:
            self.report.equal(name, said, found, source, finder)

    @property
    def seen(self) -> Place:
        """The place up to which events count: the end of the block that the manifest names.

        An upgrade has no such block; for it, events count up to its settlement.
        """
        return self.log.place if self.original else (self.manifest["block"]["number"] + 1, 0)

    @property
    def asked(self) -> list[int]:
        """The recordings that the request names."""
        return [item["recording"] for item in self.manifest["references"]]

    @property
    def paid(self) -> list[Log]:
        """This settlement and, for an upgrade, those that it builds on."""
        found, upgrade = [self.log], self.original
        while upgrade is not None and upgrade.args["original"] in self.history.settled:
            found.append(self.history.settled[upgrade.args["original"]])
            upgrade = self.history.last("Upgraded", upgrade.place, order=found[-1].args["order"])
        return found
