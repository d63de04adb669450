"""The parts of the reference ledger: buckets, consents, accounts, nodes, sets, settlements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

MILLION = 1_000_000
BPS = 10_000
NONCES = 2**32 - 1
ALL_USES = 15

Parts = list[tuple[int, int]]


class Refused(Exception):
    """A call that the ledger must refuse. `reasons`: names of all errors that apply.

    The interfaces promise an error, but not which of several comes first.
    """

    def __init__(self, reasons: set[str]) -> None:
        super().__init__(sorted(reasons))
        self.reasons = reasons


def check(*cases: tuple[bool, str]) -> None:
    """Raises Refused when any of the conditions is true."""
    reasons = {name for wrong, name in cases if wrong}
    if reasons:
        raise Refused(reasons)


def divide(shares: Iterable[tuple[object, int]], amount: int) -> list[tuple[object, int]]:
    """Divides by the floors of cumulative shares, so that nothing is lost; shares in millionths."""
    rows = list(shares)
    upto = accumulate((share for _, share in rows), initial=0)
    parts = [amount * end // MILLION - amount * start // MILLION for start, end in pairwise(upto)]
    return [(who, part) for (who, _), part in zip(rows, parts, strict=True)]


@dataclass
class Bucket:
    """Credits with their epochs; a credit can be withdrawn `wait` epochs later."""

    wait: int
    credits: list[tuple[int, int]] = field(default_factory=list)

    def due(self, epoch: int) -> int:
        return sum(amount for came, amount in self.credits if came + self.wait <= epoch)

    def disputable(self, epoch: int) -> int:
        return sum(amount for came, amount in self.credits if came + self.wait > epoch)

    def credit(self, amount: int, epoch: int) -> None:
        self.credits.append((epoch, amount))

    def credit_at_once(self, amount: int, epoch: int) -> None:
        self.credits.append((epoch - self.wait, amount))

    def take(self, epoch: int) -> int:
        amount = self.due(epoch)
        self.credits = [credit for credit in self.credits if credit[0] + self.wait > epoch]
        return amount

    def debit(self, amount: int, epoch: int) -> None:
        """Takes from credits that can be disputed, the oldest first. The caller checks the sum."""
        kept = []
        for came, held in sorted(self.credits):
            part = min(held, amount) if came + self.wait > epoch else 0
            amount -= part
            kept.append((came, held - part))
        self.credits = kept


@dataclass(frozen=True)
class Consent:
    """Permission for tracks made from `begins` on and before `ends`; share in 1/10,000."""

    begins: int
    ends: int
    uses: int
    share: int


@dataclass
class Recording:
    """The consents of a recording, oldest first, the current one last."""

    bucket: Bucket
    owner: str | None = None
    split: int = 0
    consents: list[Consent] = field(default_factory=list)

    def refusals(self, made: int, use: int, weight: int) -> list[tuple[bool, str]]:
        began = [consent for consent in self.consents if consent.begins <= made]
        if not began:
            return [(True, "Settlement_NoConsent")]
        last = began[-1]
        return [
            (made >= last.ends, "Settlement_NoConsent"),
            (use & last.uses != use, "Settlement_UseNotPermitted"),
            (weight * BPS > last.share * MILLION, "Settlement_ShareAboveMax"),
        ]


@dataclass
class Account:
    """A payer: escrow, money held for others, used nonces, and the time of its exit."""

    escrow: int = 0
    fees: int = 0
    pool: int = 0
    used: set[int] = field(default_factory=set)
    leaves: int | None = None

    @property
    def next_nonce(self) -> int:
        return max(self.used, default=-1) + 1

    def nonce_refusals(self, nonce: int) -> list[tuple[bool, str]]:
        return [
            (nonce >= NONCES, "Escrow_NonceTooLarge"),
            (nonce < self.next_nonce - 64, "Escrow_NonceTooOld"),
            (nonce in self.used, "Escrow_NonceUsed"),
        ]

    def gone(self, nonce: int) -> bool:
        return any(wrong for wrong, _ in self.nonce_refusals(nonce))


@dataclass
class Node:
    """A generation node: prices settled through it by epoch."""

    bucket: Bucket
    allowed: bool = False
    spent: dict[int, int] = field(default_factory=dict)


@dataclass
class OracleSet:
    """A set's terms; `state` is proposed, active or removed."""

    fee: int
    node_cap: int
    until: int
    active_from: int
    cap: int
    state: str = "proposed"
    used: bool = False


@dataclass(frozen=True)
class Settlement:
    """An order and its attestation. The form of the signatures does not matter."""

    payer: str
    nonce: int
    max_price: int
    use: int
    deadline: int
    set: int
    price: int
    node: str
    node_fee: int
    made: int
    entries: tuple[tuple[int, int], ...]
    signed: bool = field(default=True, compare=False)
    signatures: int = field(default=2, compare=False)

    def shape_refusals(self) -> list[tuple[bool, str]]:
        ids = [recording for recording, _ in self.entries]
        weights = [weight for _, weight in self.entries]
        return [
            (not ids, "Settlement_EntriesLength"),
            (any(a >= b for a, b in pairwise(ids)), "Settlement_EntriesNotAscending"),
            (0 in weights, "Settlement_NoWeight"),
            (sum(weights) != MILLION, "Settlement_WeightsDoNotSum"),
        ]

    def time_refusals(self, now: int, lag: int) -> list[tuple[bool, str]]:
        return [
            (not 0 < self.use <= ALL_USES, "Settlement_UnknownUse"),
            (self.made > self.deadline, "Settlement_DeadlinePassed"),
            (self.made > now, "Settlement_FromTheFuture"),
            (now - self.made > lag, "Settlement_TooLate"),
        ]
