"""The history of the contracts, from their events alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .amounts import cumulative, entries
from .events import Log, Place
from .report import Unreadable

SET_DELAY = 48 * 3_600
"""Seconds between the proposal and the activation of a set of oracles."""


def of_batch_event(log: Log, protocol_bps: int) -> Log:
    """Turns SettledInBatch into the event Settled; returns any other event unchanged."""
    if log.name != "SettledInBatch":
        return log
    a, weights = dict(log.args), entries(log.args["entries"])
    a["protocolFee"] = a["price"] * protocol_bps // 10_000
    royalty = a["price"] - a["nodeFee"] - a["protocolFee"]
    a["recordings"], a["amounts"] = list(weights), cumulative(royalty, list(weights.values()))
    return replace(log, name="Settled", args=a)


@dataclass(frozen=True)
class Consent:
    """One version of a recording's consent; times in seconds since 1970, `until` excluded."""

    since: int
    until: int
    uses: int
    share: int

    @property
    def word(self) -> int:
        """The packed word in which the ledger keeps a replaced version."""
        return self.since << 168 | self.until << 200 | self.uses << 232 | self.share << 240


class History:
    """All events of the contracts, in order."""

    def __init__(self, logs: Sequence[Log], time: Callable[[int], int]) -> None:
        self.time = time
        self.batches: list[tuple[Log, list[Log]]] = []
        self.logs = list(self._unpacked(sorted(logs, key=lambda log: log.place)))
        self.named: dict[str, list[Log]] = defaultdict(list)
        self.recordings: dict[int, tuple[str, str]] = {}
        self.changes: dict[int, list[Log]] = defaultdict(list)
        self.owners: dict[int, list[tuple[Place, str, int]]] = defaultdict(list)
        for log in self.logs:
            self.named[log.name].append(log)
            self._learn(log, log.args)
        self.settled = {log.args["order"]: log for log in self.named["Settled"]}
        self.times = Counter(log.args["order"] for log in self.named["Settled"])

    def _unpacked(self, logs: Sequence[Log]) -> Iterator[Log]:
        """The events, with each generation of a batch as an event Settled.

        The last event of a batch names the set, and the fee of the set gives the amounts.
        """
        batch: list[Log] = []
        fees: dict[str, int] = {}
        for log in logs:
            if log.name == "SetActivated":
                fees[log.args["set"]] = log.args["terms"][0]
            if log.name in ("SettledInBatch", "Skipped"):
                batch.append(log)
                continue
            if log.name == "Credited":
                batch = [of_batch_event(one, fees.get(log.args["set"], 0)) for one in batch]
                self.batches.append((log, batch))
                yield from batch
                batch = []
            yield log
        if batch:
            raise Unreadable(f"{batch[0].transaction}: a batch has no event Credited")

    def _learn(self, log: Log, a: Mapping[str, Any]) -> None:
        if log.name == "Registered":
            for number, row in enumerate(zip(a["audio"], a["metadata"], strict=True), a["first"]):
                self.recordings[number] = row
                self.changes[number].append(log)
                self.owners[number].append((log.place, a["owner"], a["split"]))
        elif log.name in ("Amended", "Revoked"):
            self.changes[a["recording"]].append(log)
        elif log.name == "Assigned":
            self.owners[a["recording"]].append((log.place, a["owner"], a["split"]))
        elif log.name == "ReceiversSet":
            self.owners[0].append((log.place, a["pool"], 0))

    def last(self, name: str, before: Place, **match: Any) -> Log | None:
        """The newest event with this name and these arguments before a place."""
        for log in reversed(self.named[name]):
            fits = all(log.args[key] == value for key, value in match.items())
            if fits and log.place < before:
                return log
        return None

    def within(self, log: Log, name: str, **match: Any) -> Log | None:
        """An event with this name and these arguments in the transaction of `log`."""
        for other in self.named[name]:
            fits = all(other.args[key] == value for key, value in match.items())
            if fits and other.transaction == log.transaction:
                return other
        return None

    def recording(self, number: int) -> tuple[str, str]:
        """The hash of the audio and the digest of the metadata."""
        if number not in self.recordings:
            raise Unreadable(f"recording {number} was never registered")
        return self.recordings[number]

    def holder(self, recording: int, before: Place) -> tuple[str, int]:
        """The owner and the split of a recording at a place."""
        for place, owner, split in reversed(self.owners[recording]):
            if place < before:
                return owner, split
        raise Unreadable(f"recording {recording} had no owner at that time")

    def consents(self, recording: int, before: Place) -> list[Consent]:
        """The versions of a consent, oldest first; one replaced before it began is dropped."""
        found: list[Consent] = []
        for log in self.changes[recording]:
            a, now = log.args, self.time(log.block)
            if log.place >= before:
                break
            if log.name == "Revoked":
                found[-1] = replace(found[-1], until=a["at"])
                continue
            if found and found[-1].since > now:
                found.pop()
            elif found:
                found[-1] = replace(found[-1], until=min(found[-1].until, now))
            terms = [a[key] for key in ("consentFrom", "consentUntil", "uses", "maxShare")]
            found.append(Consent(*terms))
        return found

    def floors(self, recording: int, before: Place, made: int = 2**64) -> list[int]:
        """The minimum royalty of a second by tier, set before a place and not after a time."""
        for log in reversed(self.named["FloorsSet"]):
            mine = log.args["recording"] == recording and log.place < before
            if mine and self.time(log.block) <= made:
                return list(log.args["perSecond"])
        return [0] * 4

    def sets(self) -> dict[str, list[Any]]:
        """The state of every set: active, used, protocol fee, node fee, until, activeFrom, cap."""
        found: dict[str, list[Any]] = {}
        logs = [*self.named["SetProposed"], *self.named["SetActivated"], *self.named["SetRemoved"]]
        for log in sorted(logs, key=lambda log: log.place):
            name, before = log.args["set"], found.get(log.args["set"], [False] * 7)
            if log.name == "SetRemoved":
                found[name] = [False, *before[1:]]
                continue
            fee, most, until, cap = log.args["terms"]
            if log.name == "SetProposed":
                start = self.time(log.block) + SET_DELAY
                found[name] = [False, before[1], fee, most, until, start, cap]
            else:
                start = before[5] or self.time(log.block)
                found[name] = [True, True, fee, most, until, start, cap]
        return found
