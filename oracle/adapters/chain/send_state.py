"""Decides the next action for one logical transaction with several hashes.

These are pure functions: chain data and time are arguments. An attempt is saved bytes that may have
been sent at any time. Any of the attempts may be mined, but at most one, because they have the same
nonce.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from oracle.adapters.chain.fees import Fees
from oracle.adapters.chain.rpc_types import TransactionReceipt


class Action(Enum):
    """The next action for a transaction."""

    WAIT = "wait"
    SEND = "send"
    """Send the newest attempt's bytes to the node (again)."""
    BUMP = "bump"
    """Save and send a replacement with higher fees."""
    FILL = "fill"
    """The chain lacks an earlier nonce: send the bytes of that transaction first."""
    DONE = "done"
    """Mined in a closed block, and it succeeded."""
    REVERTED = "reverted"
    """Mined in a closed block, and it reverted."""
    DISPLACED = "displaced"
    """Another transaction has the nonce in a closed block: someone else uses the key."""


ENDED = frozenset({Action.REVERTED, Action.DISPLACED})
"""No attempt can take effect while the closed block stays, so that a new transaction is safe."""


@dataclass(frozen=True)
class Attempt:
    """Bytes that were saved before they were sent. `saved_at` in seconds since 1970."""

    hash: str
    fees: Fees
    saved_at: int
    raw: bytes


@dataclass(frozen=True)
class ChainView:
    """The state of the chain for one transaction.

    Args:
        count: transactions of our key mined up to the newest block, so its next nonce.
        closed_count: transactions of our key mined up to the closed block.
        closed: number of the closed block.
        base_fee: base fee of the newest block, wei for each gas.
        receipts: canonical receipts of the attempts; at most one exists.
        known: hashes of attempts that the node has, in its pool or in a block.
    """

    count: int
    closed_count: int
    closed: int
    base_fee: int
    receipts: Sequence[TransactionReceipt]
    known: frozenset[str]


@dataclass(frozen=True)
class Decision:
    """The next action, and the reason for the log."""

    action: Action
    reason: str


def decide(
    nonce: int, attempts: Sequence[Attempt], view: ChainView, now: int, patience: int
) -> Decision:
    """The next action for the transaction with this nonce.

    Args:
        attempts: at least one, in the order in which they were saved.
        now: seconds since 1970.
        patience: seconds that an attempt waits before it is replaced.
    """
    if view.receipts:
        return _mined(view.receipts[0], view.closed)
    if view.closed_count > nonce and not view.known:
        return Decision(Action.DISPLACED, f"nonce {nonce} is used by a transaction of someone else")
    if view.count > nonce:
        return Decision(Action.WAIT, f"nonce {nonce} is used in a block that is not closed yet")
    if view.count < nonce:
        return Decision(Action.FILL, f"the chain waits for nonce {view.count}, ours is {nonce}")
    return _waiting(attempts, view, now, patience)


def _mined(receipt: TransactionReceipt, closed: int) -> Decision:
    did = "mined" if receipt.succeeded else "reverted"
    if receipt.block > closed:
        return Decision(Action.WAIT, f"{did} in block {receipt.block}, closed is {closed}")
    ended = Action.DONE if receipt.succeeded else Action.REVERTED
    return Decision(ended, f"{did} in block {receipt.block}")


def _waiting(attempts: Sequence[Attempt], view: ChainView, now: int, patience: int) -> Decision:
    newest = attempts[-1]
    held = any(attempt.hash in view.known for attempt in attempts)
    # A node drops a transaction below the base fee, so a stuck attempt may be unknown to it.
    priced_out = view.base_fee > newest.fees.max_fee
    if now - newest.saved_at >= patience and (held or priced_out):
        return Decision(Action.BUMP, f"not mined {now - newest.saved_at} s after it was saved")
    if newest.hash not in view.known:
        return Decision(Action.SEND, "the node does not have it")
    return Decision(Action.WAIT, "in the node's pool")
