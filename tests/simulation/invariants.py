"""What must hold in every run, whatever fails and whoever lies."""

from __future__ import annotations

import hashlib
import traceback
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from oracle.domain.attestation import Attestation
from oracle.domain.cid import cid_of, raw_cid
from oracle.domain.errors import Unavailable
from oracle.domain.generation import UNPAID, Generation, Stage
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.order import Order
from tests.simulation.chain import MAX_LAG
from tests.simulation.watched import Watched

if TYPE_CHECKING:
    from tests.simulation.oracle import SimulatedOracle
    from tests.simulation.world import World


class Violation(AssertionError):
    """A run broke a rule; the message names it."""


class Invariants:
    """Watches a world. A broken rule is noted here; the run stops at its next step.

    Args:
        signatures: (order, attestation) to the signatures of it that were ever made, by signer.
        orders: every order that a payer signed, by its id.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken: list[str] = []
        self.signatures: dict[tuple[str, Attestation], dict[str, str]] = defaultdict(dict)
        self.orders: dict[str, Order] = {}
        self.first_escrow: dict[str, int] = {}
        self.made: list[str] = []
        self.cancelled: set[str] = set()

    def fail(self, rule: str) -> None:
        self.world.tell(f"BROKEN: {rule}")
        self.broken.append(rule)

    def check(self) -> None:
        """Raises Violation when a rule is broken."""
        if self.broken:
            raise Violation(self.broken[0])

    def unexpected(self, name: str, error: BaseException) -> None:
        trace = "".join(traceback.format_exception(error)[-4:])
        self.fail(f"no step raises an unexpected error: {name}: {trace}")

    def begun(self, node: str, generation: str) -> None:
        """A node begins to make a track."""
        self.world.tell(f"a node makes {generation[:10]}")
        self.made.append(generation)
        self.world.acts.begins(node, generation)

    def watched(self, oracle: SimulatedOracle, attester: Any) -> Any:
        return Watched(attester, sign=lambda made, order, set_id: self._sign(
            attester, made, order, set_id))  # fmt: skip

    def pinner(self, oracle: SimulatedOracle) -> Any:
        public = self.world.trio.pinner

        def pin(data: bytes) -> str:
            self._before_pin(oracle, data)
            return public.pin(data)

        return Watched(public, pin=pin)

    def store(self, oracle: SimulatedOracle, store: Any) -> Any:
        def save(generation: Generation) -> None:
            self._before_save(oracle, generation)
            store.save(generation)

        def save_all(generations: Any) -> None:
            for each in generations:
                self._before_save(oracle, each)
            store.save_all(generations)

        def exchange(before: Generation, after: Generation) -> bool:
            if self._row(oracle, after.id) != before:
                return False
            self._before_save(oracle, after)
            return bool(store.exchange(before, after))

        def reserve(generation: Generation, rule: Any) -> Any:
            before = store.seat(generation.order.payer, generation.order.nonce)
            after = store.reserve(generation, rule)
            self.world.acts.reserves(oracle, generation, before, after)
            return after

        return Watched(store, save=save, save_all=save_all, exchange=exchange, reserve=reserve)

    def sender(self, sender: Any) -> Any:
        def post(generation: str, order: Order, signature: str, made: Attestation,
                 *more: Any) -> str:  # fmt: skip
            self.world.acts.posts(generation, made)
            return str(sender.post(generation, order, signature, made, *more))

        return Watched(sender, post=post)

    def _sign(self, attester: Any, made: Attestation, order: str, set_id: bytes) -> str:
        if not self.signatures[order, made]:
            self.world.acts.proposes(order, made)
        signature = str(attester.sign(made, order, set_id))
        self.signatures[order, made][attester.address] = signature
        self.world.acts.signed(order, made)
        return signature

    def _before_pin(self, oracle: SimulatedOracle, data: bytes) -> None:
        generation = self.world.secrets.get(hashlib.sha256(data).hexdigest())
        if generation is None:
            return
        self.world.acts.note_final()
        if generation not in self.world.acts.final:
            self.fail(f"no file is public before its settlement is final: oracle {oracle.index} "
                      f"pins {cid_of(data)} of {generation[:10]}")  # fmt: skip

    def _before_save(self, oracle: SimulatedOracle, after: Generation) -> None:
        before = self._row(oracle, after.id)
        told = f"oracle {oracle.index}: {after.id[:10]}"
        if before is None or before.stage != after.stage:
            self.world.tell(f"{told} is {after.stage} {after.detail}")
        elif before.detail != after.detail:
            self.world.tell(f"{told} stays {after.detail}")
        if after.stage in UNPAID:
            self._require_dead(oracle, after)
        if after.stage is Stage.CANCELLED:
            self.cancelled.add(after.id)

    def _require_dead(self, oracle: SimulatedOracle, after: Generation) -> None:
        """An order with enough signatures may settle until `maxLag`: nobody may call it ended."""
        now, terms = self.world.clock.now(), self.world.trio.terms
        if not self.world.agrees or oracle.index in self.world.liars:
            return
        for (order, made), signers in self.signatures.items():
            enough = order == after.id and len(signers) >= terms.oracle_set.threshold
            if enough and now <= made.generated_at + MAX_LAG and not self._replaced(after):
                self.fail("no order with enough signatures ends unpaid before maxLag: oracle "
                          f"{oracle.index} says {after.stage} of {after.id[:10]}")  # fmt: skip

    def _replaced(self, generation: Generation) -> bool:
        """Whether the chain has settled another order with the same nonce."""
        order = generation.order
        return self.world.chain.nonce_used(order.payer, order.nonce) and (
            self.world.chain.settlement_seen(generation.id) is None
        )

    def rows(self, oracle: SimulatedOracle) -> list[Generation]:
        """Every generation that an oracle knows."""
        return oracle.disk.all_rows()

    def _row(self, oracle: SimulatedOracle, generation: str) -> Generation | None:
        found: Generation | None = oracle.saved.known(generation)
        return found

    def rests(self, oracle: SimulatedOracle) -> bool:
        """Whether all orders that an oracle knows have ended, as the chain has them."""
        return all(
            row.ended and (row.stage is Stage.SETTLED) == (row.id in self.world.chain.settled)
            for row in self.rows(oracle)
        )

    def at_end(self) -> None:
        """The rules about the end of a run, after a long quiet time."""
        for oracle in self.world.living():
            for each in self.rows(oracle):
                if not each.ended:
                    self.fail(f"every order ends: {each.id[:10]} is {each.stage} at oracle "
                              f"{oracle.index}: {each.detail}")  # fmt: skip
        self._require_money()
        for generation in self.world.chain.settled:
            self._require_delivered(generation)

    def _require_money(self) -> None:
        chain = self.world.chain
        for payer, before in self.first_escrow.items():
            paid = 0
            for generation, settled in chain.settled.items():
                order = self.orders[generation]
                if order.payer.lower() == payer:
                    paid += settled.price
                    if settled.price > order.max_price:
                        self.fail(f"nobody pays more than maxPrice: {generation[:10]}")
            if before - chain.escrow[payer] != paid:
                self.fail(f"nobody pays twice: {payer} lost {before - chain.escrow[payer]}, "
                          f"its orders cost {paid}")  # fmt: skip

    def _require_delivered(self, generation: str) -> None:
        """A paid track is public, and an oracle shows it, while an honest signer lives."""
        world = self.world
        settled = world.chain.settled[generation]
        made = [signers for (order, each), signers in self.signatures.items()
                if order == generation and each.manifest == settled.manifest]  # fmt: skip
        honest = {world.trio.terms.oracle_set.signers[each.index] for each in world.living()
                  if each.index not in world.liars}  # fmt: skip
        if not honest.intersection(*[set().union(*made)]):
            return
        for cid in self._files(settled.manifest):
            if cid not in world.trio.pinner.files:
                self.fail(f"no paid track is lost: {cid} of {generation[:10]} is not public")
        self._require_shown(generation)

    def _require_shown(self, generation: str) -> None:
        for oracle in self.world.living():
            row = self._row(oracle, generation)
            if row and row.stage is not Stage.SETTLED:
                self.fail(f"a paid order is settled everywhere: {generation[:10]} is {row.stage} "
                          f"at oracle {oracle.index}")  # fmt: skip

    def _files(self, manifest: bytes) -> tuple[str, str]:
        try:
            found = parse_manifest(self.world.trio.pinner.fetch(raw_cid(manifest)))
        except Unavailable:
            return "", ""
        return found.audio.cid, found.trace.cid
