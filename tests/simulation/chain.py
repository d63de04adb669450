"""The chain of a simulation: blocks by the clock, transactions that wait, reorganisations."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.block import Block
from oracle.domain.errors import RefrainError
from oracle.domain.order import Order
from oracle.ports import Settlement
from tests.support.fake_chain import FakeLedger, require

BLOCK_SECONDS = 12
MAX_LAG = 900
WINDOW = 64
_STATE = ("escrow", "used", "settled", "spent", "mined", "_paid")


@dataclass(frozen=True)
class Transaction:
    """A transaction: its hash and what it does; `apply` raises when it reverts."""

    hash: str
    sender: int
    apply: Callable[[], Any]


class SimulatedChain(FakeLedger):
    """A chain with blocks at fixed times.

    Args:
        dice: decides when a waiting transaction gets into a block.
        confirmations: blocks on top of a block before it counts as closed.
    """

    def __init__(self, dice: random.Random, confirmations: int = 2) -> None:
        super().__init__()
        self._dice = dice
        self.confirmations, self.lag = confirmations, MAX_LAG
        self.final_depth = dice.choice((confirmations, 6, 12))
        self.finalized_above = dice.choice((0, 100_000, 2**48))
        self.pool: list[Transaction] = []
        self.mined: dict[str, tuple[int, str]] = {}
        self.gas: dict[int, int] = {}
        self.deepest = 0
        self.sent = 0
        self._building: Block | None = None
        self._sending = ""
        self._before: list[tuple[int, dict[str, Any], list[Transaction]]] = []

    def mine(self, seconds: int = BLOCK_SECONDS) -> Block:
        """A new block, or the one that is being built."""
        return self._building or super().mine(seconds)

    def broadcast(self, made: Transaction) -> None:
        """Puts a transaction among those that wait for a block."""
        known = {each.hash for each in self.pool}
        if made.hash not in known and made.hash not in self.mined:
            self.pool.append(made)

    def waits(self, name: str) -> bool:
        return any(each.hash == name for each in self.pool)

    def grow(self, now: int) -> None:
        """Mines the blocks that are due."""
        while self.blocks[-1].timestamp + BLOCK_SECONDS <= now:
            self.build()

    def build(self) -> None:
        """A block with some of the waiting transactions."""
        chosen = [each for each in self.pool if self._dice.random() < 0.7]
        state, block = self._state(), self.mine()
        if not chosen:
            return
        self._before.append((block.number, state, chosen))
        self._building = block
        for each in chosen:
            self.pool.remove(each)
            self._include(each, block)
        self._building = None

    def _include(self, each: Transaction, block: Block) -> None:
        outcome = "done"
        self._sending = each.hash
        try:
            each.apply()
        except RefrainError as error:
            outcome = f"reverted: {error}"
            self.gas[each.sender] = self.gas.get(each.sender, 0) + 1
        self.mined[each.hash] = (block.number, outcome)

    def pay(
        self, identity: str, oracle_set: OracleSet, order: Order, attestation: Attestation
    ) -> Settlement:
        made, time = attestation.generated_at, self.blocks[-1].timestamp
        require(made <= order.deadline, "Settlement_DeadlinePassed")
        require(made <= time, "Settlement_FromTheFuture")
        require(time - made <= MAX_LAG, "Settlement_TooLate")
        settled = super().pay(identity, oracle_set, order, attestation)
        self.settled[identity] = replace(settled, transaction=self._sending)
        return self.settled[identity]

    def would_revert(self, apply: Callable[[], Any]) -> RefrainError | None:
        """The error with which a transaction would revert in the next block; None without one."""
        state, head = self._state(), self.blocks[-1]
        self._building = replace(head, timestamp=head.timestamp + BLOCK_SECONDS)
        self.blocks.append(self._building)
        try:
            apply()
        except RefrainError as error:
            return error
        finally:
            self._building = None
            self.blocks.pop()
            self._restore(state)
        return None

    def nonce_used(self, payer: str, nonce: int) -> bool:
        used = self.used.get(payer.lower(), set())
        return super().nonce_used(payer, nonce) or max(used, default=-1) + 1 - nonce > WINDOW

    def reorganise(self, depth: int) -> None:
        """Replaces the newest `depth` blocks; their transactions wait again, or are lost."""
        depth = min(depth, len(self.blocks) - 1)
        first = len(self.blocks) - depth
        self.deepest = max(self.deepest, depth)
        lost: list[Transaction] = []
        for number, state, chosen in reversed(self._before):
            if number < first:
                break
            self._restore(state)
            lost = [*chosen, *lost]
        self._before = [each for each in self._before if each[0] < first]
        del self.blocks[first:]
        self._forks += 1
        self.pool += [each for each in lost if self._dice.random() < 0.5]
        for _ in range(depth):
            self.mine()

    def _state(self) -> dict[str, Any]:
        """A copy of everything that a settlement changes."""
        copies = {name: copy(getattr(self, name)) for name in _STATE}
        return {**copies, "used": {payer: set(nonces) for payer, nonces in self.used.items()}}

    def _restore(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)


