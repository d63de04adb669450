"""What the contracts have said since they were deployed, event by event.

Every question names the last block it may be answered from, so that several answers are of one
state. A settlement counts only when the block of its log is the canonical one of its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.answers import Log
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.rpc import BATCH, Rpc
from oracle.domain.statement import Movement
from oracle.ports import Settlement


@dataclass(frozen=True)
class Registered:
    """What was said at registration and is kept nowhere else: audio 64 hex, metadata 0x-hex."""

    recording: int
    owner: str
    split: int
    audio: str
    metadata: str
    isrc: str


@dataclass(frozen=True)
class Settled:
    """A settlement and the index of its log within the block."""

    settlement: Settlement
    log_index: int


class History:
    """Events of one ledger and its splits from block `start` on."""

    def __init__(self, rpc: Rpc, ledger: Contract, splits: Contract, start: int) -> None:
        self._rpc = rpc
        self._ledger = ledger
        self._splits = splits
        self._start = start

    def registrations(self, last: int, ids: Sequence[int] | None = None) -> dict[int, Registered]:
        """Registrations up to block `last` by recording; of `ids` only, when given."""
        events = (self._ledger.event(log.raw)[1] for log in self._about("Registered", last, ids))
        return {event["recording"]: _registered(event) for event in events}

    def revocations(self, last: int, ids: Sequence[int]) -> dict[int, int]:
        """Recording to the time of its first revocation, in seconds since 1970."""
        blocks: dict[int, int] = {}
        for log in self._about("Revoked", last, ids):
            blocks.setdefault(self._ledger.event(log.raw)[1]["recording"], log.block)
        # The block's own time: the event's is cut to the window's end when that was past already.
        times = {number: self._rpc.block(number).timestamp for number in set(blocks.values())}
        return {recording: times[number] for recording, number in blocks.items()}

    def settlements(self, last: int) -> list[Settled]:
        """Settlements up to block `last` in the order of the chain."""
        logs = self._logs(self._ledger, [self._ledger.topic("Settled")], last)
        return [_settled(log, self._ledger.event(log.raw)[1]) for log in logs]

    def settlement(self, last: int, order: str) -> Settlement | None:
        """The settlement of one order, if its block is the canonical one of its number."""
        for log in self._logs(self._ledger, [self._ledger.topic("Settled"), order], last):
            if self._rpc.canonical(log.block, log.block_hash):
                return _settled(log, self._ledger.event(log.raw)[1]).settlement
        return None

    def payments(self, last: int, payee: str) -> list[Movement]:
        """What was sent to a payee, or parked for it, for each recording."""
        kinds = {"Withdrawn": "withdrawn", "Parked": "parked"}
        topics = [[self._ledger.topic(name) for name in kinds], None, _word(int(payee, 16))]
        rows = []
        for log in self._logs(self._ledger, topics, last):
            name, event = self._ledger.event(log.raw)
            rows.append(_payment(kinds[name], log, event))
        return rows

    def tables(self, last: int) -> dict[int, dict[str, int]]:
        """Split tables up to block `last`: id to payee to millionths."""
        found: dict[int, dict[str, int]] = {}
        for log in self._logs(self._splits, [self._splits.topic("SplitCreated")], last):
            event = self._splits.event(log.raw)[1]
            found[event["split"]] = dict(zip(event["payees"], event["shares"], strict=True))
        return found

    def _about(self, event: str, last: int, ids: Sequence[int] | None) -> list[Log]:
        topic = self._ledger.topic(event)
        if ids is None:
            return self._logs(self._ledger, [topic], last)
        logs: list[Log] = []
        for start in range(0, len(ids), BATCH):
            wanted = [_word(number) for number in ids[start : start + BATCH]]
            logs += self._logs(self._ledger, [topic, wanted], last)
        return logs

    def _logs(self, contract: Contract, topics: Sequence[Any], last: int) -> list[Log]:
        return self._rpc.logs(contract.address, topics, self._start, last)


def _registered(event: dict[str, Any]) -> Registered:
    audio, metadata = bytes(event["audio"]).hex(), "0x" + bytes(event["metadata"]).hex()
    return Registered(
        event["recording"], event["owner"], event["split"], audio, metadata, event["isrc"]
    )


def _settled(log: Log, event: dict[str, Any]) -> Settled:
    made = Settlement(
        order="0x" + bytes(event["order"]).hex(),
        transaction=log.transaction,
        block=log.block,
        manifest=bytes(event["manifest"]),
        price=event["price"],
        recordings=tuple(event["recordings"]),
        amounts=tuple(event["amounts"]),
    )
    return Settled(made, log.index)


def _payment(kind: str, log: Log, event: dict[str, Any]) -> Movement:
    return Movement(
        kind=kind, block=log.block, log_index=log.index, transaction=log.transaction,
        recording=event["recording"], order="", manifest="", share=None, amount=event["amount"],
    )  # fmt: skip


def _word(number: int) -> str:
    return f"0x{number:064x}"
