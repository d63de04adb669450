"""A payee's statement out of the chain's events: what was credited, and what was sent.

The events are told once, in the order of the chain; who stands in which recording's split at that
moment decides whom a credit concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from oracle.adapters.chain.history import settlement_of
from oracle.adapters.chain.scan import Event
from oracle.domain.money import MILLION
from oracle.domain.statement import Movement, sorted_rows
from oracle.ports import Settlement

Split = Mapping[str, int | None]
"""Payees of a split, those of splits inside it too, with their share where it is a plain table."""


def statement(payee: str, events: Iterable[Event]) -> list[Movement]:
    """Every row that concerns `payee` (EIP-55), sorted by block, log index and recording."""
    books = _Books(payee)
    return sorted_rows(row for event in events for row in books.rows(event))


class _Books:
    """Whose each recording is, and how it is divided, as far as events have been told."""

    def __init__(self, payee: str) -> None:
        self._payee = payee
        self._owners: dict[int, tuple[str, int]] = {}
        self._splits: dict[int, Split] = {}
        self._claims: dict[str, str] = {}
        self._settled: dict[str, Settlement] = {}

    def rows(self, event: Event) -> Iterator[Movement]:
        """Takes note of an event and gives the payee's rows of it."""
        tell = getattr(self, f"_{event.name}")
        for row in tell(event, event.args) or ():
            place = {"block": event.block, "log_index": event.log_index}
            yield replace(row, **place, transaction=event.transaction)

    def _Registered(self, _: Event, said: Mapping[str, Any]) -> None:
        for place in range(len(said["audio"])):
            self._owners[said["first"] + place] = (said["owner"], said["split"])

    def _Assigned(self, _: Event, said: Mapping[str, Any]) -> None:
        self._owners[said["recording"]] = (said["owner"], said["split"])

    def _SplitCreated(self, _: Event, said: Mapping[str, Any]) -> None:
        self._splits[said["split"]] = dict(zip(said["payees"], said["shares"], strict=True))

    def _TableCreated(self, _: Event, said: Mapping[str, Any]) -> None:
        inner = [number for number in said["tables"] if number]
        payees = [payee for payee in said["payees"] if int(payee, 16)]
        plain = dict(zip(said["payees"], said["shares"], strict=True))
        self._splits[said["split"]] = plain if not inner else self._below(inner, payees)

    def _PiesCreated(self, _: Event, said: Mapping[str, Any]) -> None:
        self._splits[said["split"]] = self._below([said["master"], said["publishing"]])

    def _RecoupmentCreated(self, _: Event, said: Mapping[str, Any]) -> None:
        self._splits[said["split"]] = self._below([said["table"]], [said["recipient"]])

    def _Claimed(self, _: Event, said: Mapping[str, Any]) -> None:
        self._claims[said["holder"]] = said["to"]

    def _Settled(self, event: Event, _: Mapping[str, Any]) -> Iterator[Movement]:
        made = self._settled["0x" + bytes(event.args["order"]).hex()] = settlement_of(event)
        yield from self._shares("credited", made)

    def _Frozen(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        yield from self._disputed("frozen", said)

    def _Released(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        yield from self._disputed("reversed" if said["reversed"] else "released", said)

    def _Rewarded(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        for recording in said["recordings"]:
            yield from self._credit("rewarded", recording, said["each"])

    def _Withdrawn(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        if said["payee"] == self._payee:
            yield _row("withdrawn", said["recording"], said["amount"])

    def _WithdrawnMany(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        if said["payee"] == self._payee:
            for recording, amount in zip(said["recordings"], said["amounts"], strict=True):
                yield _row("withdrawn", recording, amount)

    def _Parked(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        if said["payee"] == self._payee:
            yield _row("parked", None, said["amount"])

    def _ParkedWithdrawn(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        if said["payee"] == self._payee:
            yield replace(_row("collected", None, said["amount"]), to=said["to"])

    def _Accrued(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        if said["holder"] == self._payee:
            yield _row("accrued", None, said["amount"])

    def _ClaimedWithdrawn(self, _: Event, said: Mapping[str, Any]) -> Iterator[Movement]:
        if said["holder"] == self._payee:
            yield replace(_row("collected", None, said["amount"]), to=said["to"])

    def _disputed(self, kind: str, said: Mapping[str, Any]) -> Iterator[Movement]:
        made = self._settled.get("0x" + bytes(said["order"]).hex())
        if made is not None:
            yield from self._shares(kind, made)

    def _shares(self, kind: str, made: Settlement) -> Iterator[Movement]:
        for recording, amount in zip(made.recordings, made.amounts, strict=True):
            for row in self._credit(kind, recording, amount):
                yield replace(row, order=made.order, manifest="0x" + made.manifest.hex())

    def _credit(self, kind: str, recording: int, amount: int) -> Iterator[Movement]:
        holders = self._holders(recording)
        if self._payee in holders:
            yield replace(_row(kind, recording, amount), share=holders[self._payee])

    def _holders(self, recording: int) -> Split:
        """Who is paid for a recording; a key that was claimed stands for who claimed it."""
        if recording not in self._owners:
            return {}
        owner, split = self._owners[recording]
        table = self._splits.get(split, {}) if split else {owner: MILLION}
        found: dict[str, int | None] = {}
        for name, share in table.items():
            payee = self._claims.get(name, name)
            # Named twice now, by its own name and by a key: the shares add up.
            before = found.get(payee, 0)
            found[payee] = None if share is None or before is None else before + share
        return found

    def _below(self, splits: Iterable[int], payees: Iterable[str] = ()) -> Split:
        inner = [payee for split in splits for payee in self._splits.get(split, {})]
        return dict.fromkeys([*payees, *inner])


def _row(kind: str, recording: int | None, amount: int) -> Movement:
    return Movement(kind, 0, 0, "", recording, "", "", None, amount)
