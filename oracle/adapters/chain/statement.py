"""Statements of payees from the chain's events: credits and payments.

The events are processed once, in the order of the chain. The split of a recording at the time of a
credit determines its payees.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from oracle.adapters.chain.event_scan import Event
from oracle.adapters.chain.settlement_index import settlement_of
from oracle.domain.money import MILLION
from oracle.domain.statement import Movement, sorted_rows
from oracle.ports import Settlement

Split = Mapping[str, int | None]
"""Payees of a split, also of splits inside it, with their shares if it is a plain table."""

Rows = Iterator[tuple[str, Movement]]
"""Payees (EIP-55), each with a row of its statement."""


def statement(payee: str, events: Iterable[Event]) -> list[Movement]:
    """Every row that concerns `payee` (EIP-55), sorted by block, log index and recording."""
    books = Books()
    found = (pair for event in events for pair in books.rows(event))
    return sorted_rows(row for who, row in found if who == payee)


class Books:
    """Owners and splits as of the events so far. A method `_<Event>` handles each event.

    Args:
        below: books that these continue, and which they leave as they are.
    """

    def __init__(self, below: Books | None = None) -> None:
        self._owners: MutableMapping[int, tuple[str, int]] = {}
        self._splits: MutableMapping[int, Split] = {}
        self._claims: MutableMapping[str, str] = {}
        self._settled: MutableMapping[str, Settlement] = {}
        if below is not None:
            self._owners = ChainMap(self._owners, below._owners)
            self._splits = ChainMap(self._splits, below._splits)
            self._claims = ChainMap(self._claims, below._claims)
            self._settled = ChainMap(self._settled, below._settled)

    def rows(self, event: Event) -> Rows:
        """Processes one event and yields the rows of it, of every payee."""
        handle = getattr(self, f"_{event.name}")
        for payee, row in handle(event, event.args) or ():
            place = {"block": event.block, "log_index": event.log_index}
            yield payee, replace(row, **place, transaction=event.transaction)

    def _Registered(self, _: Event, args: Mapping[str, Any]) -> None:
        for place in range(len(args["audio"])):
            self._owners[args["first"] + place] = (args["owner"], args["split"])

    def _Assigned(self, _: Event, args: Mapping[str, Any]) -> None:
        self._owners[args["recording"]] = (args["owner"], args["split"])

    def _SplitCreated(self, _: Event, args: Mapping[str, Any]) -> None:
        self._splits[args["split"]] = dict(zip(args["payees"], args["shares"], strict=True))

    def _TableCreated(self, _: Event, args: Mapping[str, Any]) -> None:
        inner = [number for number in args["tables"] if number]
        payees = [payee for payee in args["payees"] if int(payee, 16)]
        plain = dict(zip(args["payees"], args["shares"], strict=True))
        self._splits[args["split"]] = plain if not inner else self._below(inner, payees)

    def _PiesCreated(self, _: Event, args: Mapping[str, Any]) -> None:
        self._splits[args["split"]] = self._below([args["master"], args["publishing"]])

    def _RecoupmentCreated(self, _: Event, args: Mapping[str, Any]) -> None:
        self._splits[args["split"]] = self._below([args["table"]], [args["recipient"]])

    def _Claimed(self, _: Event, args: Mapping[str, Any]) -> None:
        self._claims[args["holder"]] = args["to"]

    def _Settled(self, event: Event, _: Mapping[str, Any]) -> Rows:
        made = self._settled["0x" + bytes(event.args["order"]).hex()] = settlement_of(event)
        yield from self._shares("credited", made)

    def _Frozen(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield from self._disputed("frozen", args)

    def _Released(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield from self._disputed("reversed" if args["reversed"] else "released", args)

    def _Rewarded(self, _: Event, args: Mapping[str, Any]) -> Rows:
        for recording in args["recordings"]:
            yield from self._credit("rewarded", recording, args["each"])

    def _Withdrawn(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield args["payee"], _row("withdrawn", args["recording"], args["amount"])

    def _WithdrawnMany(self, _: Event, args: Mapping[str, Any]) -> Rows:
        for recording, amount in zip(args["recordings"], args["amounts"], strict=True):
            yield args["payee"], _row("withdrawn", recording, amount)

    def _Parked(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield args["payee"], _row("parked", None, args["amount"])

    def _ParkedWithdrawn(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield args["payee"], replace(_row("collected", None, args["amount"]), to=args["to"])

    def _Accrued(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield args["holder"], _row("accrued", None, args["amount"])

    def _ClaimedWithdrawn(self, _: Event, args: Mapping[str, Any]) -> Rows:
        yield args["holder"], replace(_row("collected", None, args["amount"]), to=args["to"])

    def _disputed(self, kind: str, args: Mapping[str, Any]) -> Rows:
        made = self._settled.get("0x" + bytes(args["order"]).hex())
        if made is not None:
            yield from self._shares(kind, made)

    def _shares(self, kind: str, made: Settlement) -> Rows:
        manifest = "0x" + made.manifest.hex()
        for recording, amount in zip(made.recordings, made.amounts, strict=True):
            for payee, row in self._credit(kind, recording, amount):
                yield payee, replace(row, order=made.order, manifest=manifest)

    def _credit(self, kind: str, recording: int, amount: int) -> Rows:
        for payee, share in self._holders(recording).items():
            yield payee, replace(_row(kind, recording, amount), share=share)

    def _holders(self, recording: int) -> Split:
        """The payees of a recording; a claimed key is replaced by its claimant."""
        if recording not in self._owners:
            return {}
        owner, split = self._owners[recording]
        table = self._splits.get(split, {}) if split else {owner: MILLION}
        found: dict[str, int | None] = {}
        for name, share in table.items():
            payee = self._claims.get(name, name)
            # A payee may be in the table twice, directly and by a key: the shares add up.
            before = found.get(payee, 0)
            found[payee] = None if share is None or before is None else before + share
        return found

    def _below(self, splits: Iterable[int], payees: Iterable[str] = ()) -> Split:
        inner = [payee for split in splits for payee in self._splits.get(split, {})]
        return dict.fromkeys([*payees, *inner])


def _row(kind: str, recording: int | None, amount: int) -> Movement:
    return Movement(kind, 0, 0, "", recording, "", "", None, amount)
