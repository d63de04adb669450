"""What must hold at an act: when an oracle reserves, signs or posts, and when a node begins.

An oracle looks at the chain a moment before it acts, and the chain may change in between. So an act
is judged by the chain as it was when the step or the answer began that the act is a part of.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oracle.domain.attestation import Attestation
from oracle.domain.block import Block
from oracle.domain.errors import Refused
from oracle.domain.generation import Generation
from oracle.domain.reservation import MOST_AHEAD
from oracle.domain.seat import Seat
from oracle.orders.consent_checks import require_permitted
from oracle.orders.rechecks import MAKING_SECONDS
from tests.simulation.chain import MAX_LAG

if TYPE_CHECKING:
    from tests.simulation.oracle import SimulatedOracle
    from tests.simulation.world import World


@dataclass(frozen=True)
class Seen:
    """The chain when an activity began.

    Args:
        escrow: payer to money, smallest units.
        used: payer to nonces that settlements used.
        paused: whether the guardian has paused settlement.
        spent, cap: what each node has settled in this window, and the most that it may.
        closed: the newest closed block.
        forks: how often the chain was reorganised before.
    """

    escrow: dict[str, int]
    used: dict[str, set[int]]
    spent: dict[str, int]
    cap: int
    paused: bool
    closed: Block
    forks: int


class Acts:
    """Judges acts; a broken rule is noted in the world's invariants.

    Args:
        reserved: id of a generation to the oracles that ever reserved it.
        final: ids of the generations whose settlement was ever final.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.reserved: dict[str, set[int]] = defaultdict(set)
        self.final: set[str] = set()

    def seen(self) -> Seen:
        """The chain as it is."""
        chain = self.world.chain
        used = {payer: set(nonces) for payer, nonces in chain.used.items()}
        return Seen(
            dict(chain.escrow), used, dict(chain.spent),
            chain.sets[self.world.trio.terms.oracle_set].cap, chain.stopped,
            chain.closed_block(), chain._forks,
        )  # fmt: skip

    def note_final(self) -> None:
        """Remembers the settlements that are final now."""
        chain = self.world.chain
        for generation, settled in chain.settled.items():
            if settled.block <= chain.final_block(settled.price).number:
                self.final.add(generation)

    def begins(self, node: str, generation: str) -> None:
        """A node, named by its payee, begins to make a track for the oracle that acts."""
        if len(self.reserved[generation]) < self.world.trio.terms.oracle_set.threshold:
            self._fail(f"nothing is made without t reservations: {generation[:10]}")
        if generation in self.world.invariants.cancelled and self.world.agrees:
            self._fail(f"nothing is made of a cancelled order: {generation[:10]}")
        seen, row = self._seen(), self._row(generation)
        if seen is None or row is None:
            return
        self._require_payable("made", seen, generation, node, row.price)
        if row.order.deadline < seen.closed.timestamp + MAKING_SECONDS:
            self._fail(f"nothing is made that cannot be paid: {generation[:10]} is too late")
        try:
            require_permitted(self.world.chain, row, seen.closed)
        except Refused as error:
            self._fail(f"nothing is made that cannot be paid: {generation[:10]}: {error}")

    def proposes(self, generation: str, made: Attestation) -> None:
        """An oracle signs an attestation that nobody has signed before."""
        if (seen := self._seen()) is not None:
            self._require_payable("proposed", seen, generation, made.node, made.price)

    def posts(self, generation: str, made: Attestation) -> None:
        """An oracle sends a settlement to the chain."""
        if (seen := self._seen()) is None:
            return
        self._require_payable("posted", seen, generation, made.node, made.price)
        if seen.paused and self.world.chain.stopped:
            self._fail(f"nothing is posted that cannot be paid: {generation[:10]}, paused")

    def signed(self, order: str, made: Attestation) -> None:
        """An oracle has signed; that may have been the last signature that was missing."""
        if not self.world.agrees or made not in (ready := self._ready(order)):
            return
        if len(ready) > 1 and order not in self.world.torn:
            self._fail(f"one attestation of an order has enough signatures: {order[:10]}")
        if order in self.world.invariants.cancelled:
            self._fail(f"no cancelled order gets enough signatures: {order[:10]}")

    def _ready(self, order: str) -> list[Attestation]:
        """The attestations of an order that have enough signatures and may settle now."""
        least, now = self.world.trio.terms.oracle_set.threshold, self.world.clock.now()
        return [
            made for (known, made), signers in self.world.invariants.signatures.items()
            if known == order and len(signers) >= least and now <= made.generated_at + MAX_LAG
        ]  # fmt: skip

    def reserves(
        self, oracle: SimulatedOracle, row: Generation, before: Seat | None, after: Seat
    ) -> None:
        """An oracle has promised an order's nonce to a leader."""
        self.reserved[row.id].add(oracle.index)
        renewal = before and (before.order, before.ballot) == (after.order, after.ballot)
        seen = self._seen()
        if renewal or after.accepted or seen is None:
            return
        payer, now = row.order.payer, oracle.clock.now()
        others = [each for each in oracle.saved.open_orders(payer)
                  if each.id != row.id and each.counts(now, MAX_LAG)]  # fmt: skip
        if row.price + sum(each.price for each in others) > seen.escrow[payer.lower()]:
            self._fail(f"no oracle reserves more than the escrow: oracle {oracle.index} "
                       f"reserves {row.id[:10]}")  # fmt: skip
        nonces = [row.order.nonce, *(each.order.nonce for each in others)]
        if max(nonces) - min(nonces) > MOST_AHEAD:
            self._fail(f"no oracle reserves a far nonce: oracle {oracle.index} reserves "
                       f"{nonces[0]} beside {nonces[1:]}")  # fmt: skip

    def _require_payable(
        self, act: str, seen: Seen, generation: str, node: str, price: int
    ) -> None:
        order = self.world.invariants.orders[generation]
        payer = order.payer.lower()
        short = {
            "its nonce is used": order.nonce in seen.used.get(payer, ()),
            "the escrow is below its price": seen.escrow[payer] < price,
            "the cap is reached": seen.spent.get(node.lower(), 0) + price > seen.cap,
        }
        for reason, holds in short.items():
            if holds:
                self._fail(f"nothing is {act} that cannot be paid: {generation[:10]}, {reason}")

    def _seen(self) -> Seen | None:
        """The chain when the running activity began; None after a reorganisation since then."""
        current = self.world.scheduler.current
        found: Seen | None = current.seen if current else None
        return found if found and found.forks == self.world.chain._forks else None

    def _row(self, generation: str) -> Generation | None:
        current = self.world.scheduler.current
        if current is None:
            return None
        found: Any = self.world.oracles[current.owner].saved.known(generation)
        return found if isinstance(found, Generation) else None

    def _fail(self, rule: str) -> None:
        self.world.invariants.fail(rule)
