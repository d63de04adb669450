"""One logical transaction under several hashes: told what was seen, it says what to do next.

Nothing here talks to anyone; the time is an argument. An attempt is bytes that were saved and so
may be out in the world for ever; which of them is mined is the chain's choice, that at most one is
mined is the nonce's doing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from oracle.adapters.chain.answers import Receipt
from oracle.adapters.chain.fees import Fees


class Action(Enum):
    """What to do with a transaction now."""

    WAIT = "wait"
    SEND = "send"
    """Give the newest attempt's bytes to the node (again)."""
    BUMP = "bump"
    """Save and send a replacement that pays more."""
    FILL = "fill"
    """An earlier nonce is missing on the chain: send that one's bytes first."""
    DONE = "done"
    """Mined, final, and it did what the contract had it do."""
    REVERTED = "reverted"
    """Mined, final, and it did nothing."""
    DISPLACED = "displaced"
    """Another transaction has the nonce for good: somebody else uses the key."""


@dataclass(frozen=True)
class Attempt:
    """Bytes that were saved before they were sent. `saved_at` in seconds since 1970."""

    hash: str
    fees: Fees
    saved_at: int
    raw: bytes


@dataclass(frozen=True)
class Seen:
    """One look at the chain.

    Args:
        count: transactions of our key mined up to the newest block: the nonce it waits for.
        closed_count: the same up to the closed block.
        closed: number of the closed block.
        base_fee: of the newest block, wei for each gas.
        receipts: canonical receipts of any attempt; the chain can have at most one.
        known: hashes that the node has, in its pool or in a block.
    """

    count: int
    closed_count: int
    closed: int
    base_fee: int
    receipts: Sequence[Receipt]
    known: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """What to do, and why, in words for the log."""

    action: Action
    reason: str


def judge(nonce: int, attempts: Sequence[Attempt], seen: Seen, now: int, patience: int) -> Verdict:
    """What to do with the transaction of `nonce`, given one look at the chain.

    Args:
        attempts: in the order they were saved, at least one.
        now: seconds since 1970.
        patience: seconds an attempt may wait before it is replaced.
    """
    if seen.receipts:
        return _mined(seen.receipts[0], seen.closed)
    if seen.closed_count > nonce and not seen.known:
        return Verdict(Action.DISPLACED, f"nonce {nonce} is taken by a transaction not ours")
    if seen.count > nonce:
        return Verdict(Action.WAIT, f"nonce {nonce} is taken, by what is not settled yet")
    if seen.count < nonce:
        return Verdict(Action.FILL, f"the chain waits for nonce {seen.count}, ours is {nonce}")
    return _waiting(attempts, seen, now, patience)


def _mined(receipt: Receipt, closed: int) -> Verdict:
    did = "mined" if receipt.succeeded else "reverted"
    if receipt.block > closed:
        return Verdict(Action.WAIT, f"{did} in block {receipt.block}, closed is {closed}")
    ended = Action.DONE if receipt.succeeded else Action.REVERTED
    return Verdict(ended, f"{did} in block {receipt.block}")


def _waiting(attempts: Sequence[Attempt], seen: Seen, now: int, patience: int) -> Verdict:
    newest = attempts[-1]
    held = any(attempt.hash in seen.known for attempt in attempts)
    # A node drops what cannot pay the base fee, so such an attempt may be stuck and yet unknown.
    priced_out = seen.base_fee > newest.fees.max_fee
    if now - newest.saved_at >= patience and (held or priced_out):
        return Verdict(Action.BUMP, f"not mined {now - newest.saved_at} s after it was saved")
    if newest.hash not in seen.known:
        return Verdict(Action.SEND, "the node does not have it")
    return Verdict(Action.WAIT, "in the pool")
