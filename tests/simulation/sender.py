"""The sender of a simulated oracle: saved transactions that outlive a crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, Attested, SettlementReceipt
from oracle.domain.errors import Inconsistent, Refused, Unavailable
from oracle.domain.order import Order
from oracle.domain.terms import Terms
from oracle.ports import Settlement
from tests.simulation.chain import SimulatedChain, Transaction
from tests.support.fake_chain import hash_of, require_quorum


class SimulatedSender:
    """Implements ports.Sender as LedgerSender does: saves, sends, and sends lost ones again.

    Args:
        index: the oracle that pays for the gas.
        outbox: name to transaction; kept when the oracle dies.
        pause: called between saving and sending.
    """

    def __init__(
        self,
        index: int,
        chain: SimulatedChain,
        typed: TypedData,
        terms: Terms,
        outbox: dict[str, Transaction],
        pause: Callable[[str], None],
    ) -> None:
        self._index, self._chain, self._typed, self._terms = index, chain, typed, terms
        self._outbox, self._pause = outbox, pause

    def post(
        self,
        generation: str,
        order: Order,
        order_signature: str,
        attestation: Attestation,
        signatures: Mapping[str, str],
        original: SettlementReceipt | None = None,
    ) -> str:
        chain = self._chain
        known = self._outbox.get(generation)
        if known and not self._reverted(known):
            chain.broadcast(known)
            return known.hash
        if settled := self._elsewhere(generation, order):
            return settled.transaction
        signed = dict(signatures)

        def apply() -> Any:
            return chain.settle(self._typed, self._terms, order, attestation, signed)

        self._require_success(apply)
        return self._send(generation, apply)

    def post_batch(
        self, batch: Sequence[str], members: Sequence[Attested], signatures: Mapping[str, str]
    ) -> str:
        name, chain = " ".join(batch), self._chain
        known = self._outbox.get(name)
        if known and not self._reverted(known):
            chain.broadcast(known)
            return known.hash
        if all(chain.nonce_used(m.order.payer, m.order.nonce) for m in members):
            raise Inconsistent("has no generation left to settle", field="batch")
        return self._send(name, lambda: self._settle_batch(members, signatures))

    def outcome(self, generation: str, batch: Sequence[str] = ()) -> Settlement | None:
        settled = self._chain.settlement(generation)
        if settled is not None:
            return settled
        known = self._outbox.get(" ".join(batch) if batch else generation)
        if known is None:
            return None
        if known.hash not in self._chain.mined:
            self._chain.broadcast(known)
            return None
        number, outcome = self._chain.mined[known.hash]
        closed = number <= self._chain.closed_block().number
        futile = outcome != "done" or (batch and self._chain.settled.get(generation) is None)
        if closed and futile and self._chain.settlement(generation) is None:
            raise Inconsistent(f"the transaction {outcome}", field="transaction", value=generation)
        return None

    def _send(self, name: str, apply: Callable[[], Any]) -> str:
        self._chain.sent += 1
        made = Transaction(hash_of(f"sent {self._chain.sent}"), self._index, apply)
        self._outbox[name] = made
        self._pause("saved")
        self._chain.broadcast(made)
        return made.hash

    def _require_success(self, apply: Callable[[], Any]) -> None:
        error = self._chain.would_revert(apply)
        if isinstance(error, Unavailable):
            raise error
        if error is not None:
            raise Inconsistent(f"the ledger refuses to settle: {error}", field="settle")

    def _elsewhere(self, generation: str, order: Order) -> Settlement | None:
        if not self._chain.nonce_used(order.payer, order.nonce):
            return None
        if settled := self._chain.settlement(generation):
            return settled
        if self._chain.settlement_seen(generation):
            raise Unavailable("another sender's settlement is not confirmed yet")
        raise Inconsistent("is used by another order", field="order.nonce", value=order.nonce)

    def _reverted(self, known: Transaction) -> bool:
        return self._chain.mined.get(known.hash, (0, "done"))[1] != "done"

    def _settle_batch(self, members: Sequence[Attested], signatures: Mapping[str, str]) -> None:
        set_id = self._typed.set_id(self._terms.oracle_set)
        ids = [self._typed.order_hash(member.order) for member in members]
        hashes = [self._typed.attestation_hash(member.attestation, each, set_id)
                  for each, member in zip(ids, members, strict=True)]  # fmt: skip
        signers = [self._typed.batch_signer(hashes, each) for each in signatures.values()]
        require_quorum(self._terms.oracle_set, signers)
        for each, member in zip(ids, members, strict=True):
            with suppress(Refused, Unavailable):
                self._chain.pay(each, self._terms.oracle_set, member.order, member.attestation)
