"""Every balance of the ledger, recomputed event by event."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .buckets import Bucket, Finding
from .events import Log, Place
from .history import History
from .splits import Splits


@dataclass(frozen=True)
class Shot:
    """Purses and the nodes' buckets at one event."""

    purses: dict[tuple[str, Any], int]
    nodes: dict[str, Bucket]

    def node(self, node: str, epoch: int) -> Bucket:
        """The bucket of a node in an epoch."""
        return replace(self.nodes.get(node, Bucket())).roll(epoch)


class Money:
    """Every balance of the ledger, updated event by event.

    A withdrawal must take all that has matured; a sweep and an exit must take the whole balance.
    The verdicts on this are the `findings`.
    """

    def __init__(self, history: History, splits: Splits, window: int) -> None:
        self.history, self.splits, self.window = history, splits, window
        self.buckets: dict[tuple[str, Any], Bucket] = defaultdict(Bucket)
        self.purses: dict[tuple[str, Any], int] = defaultdict(int)
        self.findings: list[Finding] = []
        self.settlements: dict[Place, tuple[int, bool]] = {}
        self.returned = Counter[tuple[str, str]]()
        self.receiver, self.paused = "", False
        self.exits: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.offers: dict[int, str] = {}
        self.payout: list[Log] = []
        self.sent: list[Any] = []
        self.shots: dict[Place, Shot] = {}
        self._shot: Shot | None = None
        for log in history.logs:
            if self.payout and not self._goes_on(log):
                self._end_payout()
            self._keep(log)
            self.splits.learn(log)
            self._move(log, log.args)
        self._end_payout()

    def epoch(self, time: int) -> int:
        """The epoch of a time; the ledger counts epochs modulo 2^16."""
        return time // self.window % 2**16

    def bucket(self, kind: str, whose: Any, log: Log) -> Bucket:
        return self.buckets[kind, whose].roll(self.epoch(self.history.time(log.block)))

    def _keep(self, log: Log) -> None:
        """Keeps what the books say where a batch skips something; a row of skips shares it."""
        if log.name != "Skipped":
            self._shot = None
            return
        if self._shot is None:
            nodes = {whose: replace(bucket) for (kind, whose), bucket in self.buckets.items()
                     if kind == "node"}
            self._shot = Shot(dict(self.purses), nodes)
        self.shots[log.place] = self._shot

    def _find(self, what: str, log: Log, said: Any, due: Any) -> None:
        name = f"{what} in {log.transaction[:10]}.."
        self.findings.append(Finding(name, said == due, said, due))

    def _move(self, log: Log, a: Mapping[str, Any]) -> None:
        """Moves the money of one event. `sent` is the transfer before, which may end as parked."""
        sent, self.sent = self.sent, []
        match log.name:
            case "Funded":
                self.purses["escrow", a["payer"]] += a["amount"]
            case "Settled":
                self._settle(log, a)
            case "Paused" | "Unpaused":
                self.paused = log.name == "Paused"
            case "ExitRequested":
                self.exits[a["payer"]] = [a["from"], a["until"]]
            case "ExitCancelled":
                self.exits.pop(a["payer"], None)
            case "Exited":
                self._exit(log, a["payer"], a["amount"])
            case "ReceiversSet":
                self.receiver = a["protocol"]
            case "Swept":
                self._empty("fees swept", log, ("protocol fees of", a["payer"]), a["protocolFees"])
                self._empty("pool swept", log, ("pool of", a["payer"]), a["pool"])
                self.bucket("fees", "", log).cur += a["protocolFees"]
                self.bucket("recording", 0, log).cur += a["pool"]
            case "Rewarded":
                for recording in a["recordings"]:
                    self.bucket("recording", recording, log).matured += a["each"]
            case "Frozen" | "Released":
                self._dispute(log, a)
            case "Offered":
                self.offers[a["recording"]] = a["to"]
            case "Assigned":
                self._assign(log, a["recording"], a["owner"])
            case "Withdrawn":
                self.payout.append(log)
                self.sent = [a["payee"], a["amount"]]
            case "WithdrawnMany":
                for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
                    self._pay(log, recording, [[a["payee"], amount, ""]])
                self.sent = [a["payee"], sum(a["amounts"])]
            case "NodeWithdrawn":
                self._pay_node(log, a["node"], a["amount"])
            case "Parked" | "Accrued":
                waits, who = log.name.lower(), a.get("payee") or a["holder"]
                self.purses[f"{waits} for", who] += a["amount"]
                self._find(f"{waits} for {who}", log, [who, a["amount"]], sent)
                if self.payout:
                    self.payout.append(log)
            case "ParkedWithdrawn":
                self._empty("collected", log, ("parked for", a["payee"]), a["amount"])
            case "ClaimedWithdrawn":
                self._empty("claimed", log, ("accrued for", a["holder"]), a["amount"])
                claimed = self.splits.claimed.get(a["holder"], "nobody")
                self._find(f"claim of {a['holder']}", log, a["to"], claimed)
                self.sent = [a["to"], a["amount"]]

    def _empty(self, what: str, log: Log, purse: tuple[str, str], amount: int) -> None:
        """Takes an amount out of a purse; it must be the whole balance of the purse."""
        self._find(f"{what} of {purse[1]}", log, amount, self.purses[purse])
        self.purses[purse] -= amount

    def _settle(self, log: Log, a: Mapping[str, Any]) -> None:
        node = self.bucket("node", a["node"], log)
        node.cur += a["nodeFee"]
        node.spent += a["price"]
        self.settlements[log.place] = node.spent, self.paused
        self.purses["escrow", a["payer"]] -= a["price"]
        self.purses["protocol fees of", a["payer"]] += a["protocolFee"]
        for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
            if recording:
                self.bucket("recording", recording, log).cur += amount
            else:
                self.purses["pool of", a["payer"]] += amount

    def _exit(self, log: Log, payer: str, amount: int) -> None:
        since, until = self.exits.pop(payer, [0, 0])
        now = self.history.time(log.block)
        said, due = f"at {now}", f"from {since} to {until}, as announced"
        name = f"exit of {payer} in {log.transaction[:10]}.. time"
        self.findings.append(Finding(name, since <= now < until, said, due, "must be"))
        self._empty("exit", log, ("escrow", payer), amount)
        self.sent = [payer, amount]

    def _dispute(self, log: Log, a: Mapping[str, Any]) -> None:
        """Freezes the whole price of a settlement, or releases it.

        A released amount can be withdrawn at once.
        """
        settled, amount = self.history.settled.get(a["order"]), a["amount"]
        if settled is None or settled.place > log.place:
            self._find(f"{log.name.lower()} order", log, a["order"], "never settled")
            return
        s, frozen = settled.args, ("frozen", a["attestation"])
        parts = [("recording", number, part)
                 for number, part in zip(s["recordings"], s["amounts"], strict=True)]
        parts += [("node", s["node"], s["nodeFee"]), ("fees", "", s["protocolFee"])]
        if log.name == "Frozen":
            self._find("frozen", log, amount, s["price"])
            for kind, whose, part in parts:
                self.bucket(kind, whose, log).freeze(part)
            self.purses[frozen] += amount
            return
        self._empty("released", log, frozen, amount)
        if not a["reversed"]:
            for kind, whose, part in parts:
                self.bucket(kind, whose, log).matured += part
        elif self.purses["escrow", s["payer"]] + amount < 2**64:
            self.purses["escrow", s["payer"]] += amount
        else:
            self.returned[log.transaction, s["payer"]] += amount
            self.sent = [s["payer"], amount]

    def _assign(self, log: Log, recording: int, owner: str) -> None:
        """The owner assigns a new split, or a new owner accepts an offer."""
        before, _ = self.history.holder(recording, log.place)
        if owner != before:
            self._find(f"recording {recording} taken", log, owner,
                       self.offers.pop(recording, "offered to nobody"))

    def _pay_node(self, log: Log, node: str, amount: int) -> None:
        """Pays what a node has earned, and the protocol fees if the node receives them."""
        pockets = [self.bucket("node", node, log)]
        if node == self.receiver:
            pockets.append(self.bucket("fees", "", log))
        self._find(f"payout of node {node}", log, amount, sum(one.matured for one in pockets))
        pockets[0].matured -= amount - sum(one.matured for one in pockets[1:])
        for fees in pockets[1:]:
            fees.matured = 0
        self.sent = [node, amount]

    def _goes_on(self, log: Log) -> bool:
        """Whether an event continues the payout that is being collected."""
        first = self.payout[0]
        same = log.name == "Withdrawn" and log.args["recording"] == first.args["recording"]
        return log.transaction == first.transaction and (same or log.name in ("Parked", "Accrued"))

    def _end_payout(self) -> None:
        """Checks the payout that is being collected."""
        if self.payout:
            first, paid = self.payout[0], list[list[Any]]()
            for log in self.payout:
                if log.name == "Withdrawn":
                    paid.append([log.args["payee"], log.args["amount"], ""])
                else:
                    paid[-1][2] = log.name
            self._pay(first, first.args["recording"], paid)
        self.payout = []

    def _pay(self, log: Log, recording: int, paid: list[list[Any]]) -> None:
        """A payout must take all that has matured, by owner, split and claims at that time."""
        name, total = f"payout of recording {recording}", sum(row[1] for row in paid)
        bucket = self.bucket("recording", recording, log)
        self._find(f"{name} matured", log, total, bucket.matured)
        bucket.matured -= total
        owner, split = self.history.holder(recording, log.place)
        self.splits.passed.clear()
        due = self.splits.divide(split, total) if split else [(owner, total, False)]
        self._find(name, log, [row[:2] for row in paid], [[*row[:2]] for row in due if row[1]])
        accrued = [row[:2] for row in paid if row[2] == "Accrued"]
        waits = [[who, part] for who, part, pending in due if pending and part]
        if accrued or waits:
            self._find(f"{name} accrued", log, accrued, waits)
        said, self.splits.said = self.splits.said, []
        recouped = [[deal, taken, self.splits.recouped[deal]]
                    for deal, taken in self.splits.passed.items() if taken]
        if said or recouped:
            self._find(f"{name} recouped", log, sorted(said), sorted(recouped))
