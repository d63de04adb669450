"""The ledger in plain Python, written from the interfaces' documentation.

The contracts must behave in the same way.

Accounts keep the nonces they used as a set, buckets their credits as a list, recordings every
consent that took effect. Methods are the contracts' functions with the time and the caller; they
raise `Refused`. After that the state is undefined, so the caller keeps a copy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any

from tests.model.reference_parts import (
    ALL_USES,
    BPS,
    MILLION,
    Account,
    Bucket,
    Consent,
    Node,
    OracleSet,
    Recording,
    Settlement,
    check,
    divide,
)

DAY = 86_400
SET_DELAY = 2 * DAY
EXIT_WINDOW = 7 * DAY
MOST_FEES = 5_000
UNAUTHORISED = "AccessManagedUnauthorized"


@dataclass(frozen=True)
class Fixed:
    """The fixed parameters of a ledger; `tables` are the splits, `thresholds` those of the sets."""

    admin: str
    guardian: str
    court: str
    lag: int
    window: int
    tables: dict[int, list[tuple[str, int]]]
    thresholds: dict[int, int]


class ReferenceLedger:
    """Amounts in the token's smallest unit, times in Unix seconds."""

    WAIT = 2
    """Epochs from a credit's own to the first in which it can be withdrawn."""

    def __init__(self, fixed: Fixed) -> None:
        self.fixed = fixed
        self.accounts: dict[str, Account] = defaultdict(Account)
        self.recordings = {0: Recording(Bucket(self.WAIT))}
        self.offers: dict[int, str] = {}
        self.nodes: dict[str, Node] = {}
        self.fees = Bucket(self.WAIT)
        self.receiver: str | None = None
        self.sets: dict[int, OracleSet] = {}
        self.paused = False
        self.parked: Counter[str] = Counter()
        self.frozen: dict[Settlement, int] = {}
        self.blocked: set[str] = set()
        self.balances: Counter[str] = Counter()
        self.held = 0

    def epoch(self, now: int) -> int:
        return now // self.fixed.window

    def owed(self) -> int:
        """The sum of all money that the ledger owes."""
        buckets = [self.fees, *(each.bucket for each in self.recordings.values())]
        buckets += [node.bucket for node in self.nodes.values()]
        credited = sum(amount for bucket in buckets for _, amount in bucket.credits)
        accounts = sum(each.escrow + each.fees + each.pool for each in self.accounts.values())
        return credited + accounts + sum(self.parked.values()) + sum(self.frozen.values())

    # Money in and out.

    def fund(self, now: int, sender: str, payer: str, amount: int) -> None:
        self._receive(sender, amount)
        self.accounts[payer].escrow += amount

    def request_exit(self, now: int, sender: str) -> None:
        self.accounts[sender].leaves = now + self.fixed.lag + DAY

    def cancel_exit(self, now: int, sender: str) -> None:
        check((self.exit_time(now, sender) == 0, "Escrow_NoExit"))
        self.accounts[sender].leaves = None

    def exit(self, now: int, sender: str) -> None:
        leaves = self.exit_time(now, sender)
        check((leaves == 0, "Escrow_NoExit"), (now < leaves, "Escrow_ExitTooEarly"))
        account = self.accounts[sender]
        self._pay(sender, account.escrow)
        account.escrow, account.leaves = 0, None

    def exit_time(self, now: int, payer: str) -> int:
        leaves = self.accounts[payer].leaves
        return leaves if leaves is not None and now < leaves + EXIT_WINDOW else 0

    def withdraw(self, now: int, sender: str, number: int) -> None:
        found = self.recordings.get(number)
        if found is None or found.owner is None:
            return
        amount = found.bucket.take(self.epoch(now))
        rows = self.fixed.tables[found.split] if found.split else [(found.owner, MILLION)]
        for payee, part in divide(rows, amount):
            self._pay(str(payee), part)

    def withdraw_many(self, now: int, sender: str, numbers: list[int]) -> None:
        for number in numbers:
            self.withdraw(now, sender, number)

    def withdraw_node(self, now: int, sender: str, node: str) -> None:
        for bucket in self.node_buckets(node):
            self._pay(node, bucket.take(self.epoch(now)))

    def withdraw_for(self, now: int, sender: str, payee: str) -> None:
        refused = [(payee in self.blocked, "SafeERC20FailedOperation")]
        self._unpark(payee, payee, refused)

    def withdraw_to(self, now: int, sender: str, to: str) -> None:
        self._unpark(sender, to, [(to in self.blocked, "SafeERC20FailedOperation")])

    def reward(self, now: int, sender: str, numbers: list[int], each: int) -> None:
        # The interface does not define the training pool's share: it counts if there is a receiver.
        owners = [self.recordings[n].owner if n in self.recordings else None for n in numbers]
        unknown = None in owners
        check((unknown, "Payouts_UnknownRecording"))
        for number in numbers:
            self.recordings[number].bucket.credit_at_once(each, self.epoch(now))
        self._receive(sender, each * len(numbers))

    def sweep(self, now: int, sender: str, payers: list[str]) -> None:
        check((self.receiver is None, "Escrow_NoReceivers"))
        for payer in payers:
            self._sweep(now, payer)

    def set_receivers(self, now: int, sender: str, protocol: str, pool: str) -> None:
        check((sender != self.fixed.admin, UNAUTHORISED))
        self.receiver, self.recordings[0].owner = protocol, pool

    # Recordings.

    def register_batch(self, now: int, sender: str, split: int, *terms: int) -> None:
        consent = self._consent(now, *terms, refused=[self._unknown_split(split)])
        fresh = Recording(Bucket(self.WAIT), sender, split, [consent])
        self.recordings[len(self.recordings)] = fresh

    def amend(self, now: int, sender: str, number: int, *terms: int) -> None:
        refused = self._not_owner(sender, number)
        if any(wrong for wrong, _ in refused):
            check(*refused)
        consents = self.recordings[number].consents
        began = consents[-1].begins <= now
        before = consents[-2].ends if len(consents) > 1 else 0
        lately = (began and before + self.fixed.lag >= now, "Catalogue_ChangedLately")
        consent = self._consent(now, *terms, refused=[lately])
        last = consents.pop()
        if began:
            consents.append(replace(last, ends=min(last.ends, now)))
        consents.append(consent)

    def revoke(self, now: int, sender: str, number: int) -> None:
        check(*self._not_owner(sender, number))
        consents = self.recordings[number].consents
        consents[-1] = replace(consents[-1], ends=min(consents[-1].ends, now))

    def offer(self, now: int, sender: str, number: int, to: str) -> None:
        check(*self._not_owner(sender, number))
        self.offers[number] = to

    def accept(self, now: int, sender: str, number: int, split: int) -> None:
        stranger = self.offers.get(number) != sender
        check((stranger, "Catalogue_NotOffered"), self._unknown_split(split))
        del self.offers[number]
        self._assign(now, sender, number, split)

    def assign(self, now: int, sender: str, number: int, split: int) -> None:
        check(*self._not_owner(sender, number), self._unknown_split(split))
        self._assign(now, sender, number, split)

    # Helpers.

    def node_buckets(self, node: str) -> list[Bucket]:
        """A node's own bucket, and the swept fees when they are shown and paid under its name."""
        own = [self.nodes[node].bucket] if node in self.nodes else []
        return own + ([self.fees] if node == self.receiver else [])

    def _assign(self, now: int, owner: str, number: int, split: int) -> None:
        self.withdraw(now, owner, number)
        self.recordings[number].owner = owner
        self.recordings[number].split = split

    def _consent(
        self, now: int, begins: int, ends: int, uses: int, share: int, refused: list[Any]
    ) -> Consent:
        begins = max(begins, now)
        check(
            *refused,
            (begins >= ends, "Catalogue_EmptyWindow"),
            (not 0 < uses <= ALL_USES, "Catalogue_UnknownUses"),
            (not 0 < share <= BPS, "Catalogue_ShareOutOfRange"),
        )
        return Consent(begins, ends, uses, share)

    def _not_owner(self, sender: str, number: int) -> list[tuple[bool, str]]:
        known = number in self.recordings
        stranger = not known or self.recordings[number].owner != sender
        return [
            (number == 0, "Catalogue_UnknownRecording"),
            (number != 0 and stranger, "Catalogue_NotOwner"),
        ]

    def _unknown_split(self, split: int) -> tuple[bool, str]:
        return split != 0 and split not in self.fixed.tables, "Catalogue_UnknownSplit"

    def _receive(self, sender: str, amount: int) -> None:
        self.balances[sender] -= amount
        self.held += amount

    def _pay(self, payee: str, amount: int) -> None:
        if payee in self.blocked:
            self.parked[payee] += amount
        else:
            self.balances[payee] += amount
            self.held -= amount

    def _unpark(self, payee: str, to: str, refused: list[tuple[bool, str]]) -> None:
        check((self.parked[payee] == 0, "Payouts_NothingParked"), *refused)
        self._pay(to, self.parked.pop(payee))

    def _sweep(self, now: int, payer: str) -> None:
        account = self.accounts[payer]
        self.fees.credit(account.fees, self.epoch(now))
        self.recordings[0].bucket.credit(account.pool, self.epoch(now))
        account.fees = account.pool = 0
