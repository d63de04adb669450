"""A sender that posts to the chain in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, Attested, SettlementReceipt
from oracle.domain.errors import Inconsistent, Refused, Unavailable
from oracle.domain.order import Order
from oracle.domain.terms import Terms
from oracle.ports import Settlement
from tests.support.fake_chain import FakeLedger, Switch, hash_of, require, require_quorum


class FakeSender(Switch):
    """Posts each settlement once. It outlives an oracle in a test, like an outbox on disk."""

    def __init__(self, ledger: FakeLedger, typed: TypedData, terms: Terms) -> None:
        self._ledger, self._typed, self._terms = ledger, typed, terms
        self.outbox: dict[str, str] = {}
        self.posts = 0
        self.resent = 0
        self._calls: dict[str, Callable[[], object]] = {}

    def require_funds(self) -> None:
        self._answer()

    def post(
        self,
        generation: str,
        order: Order,
        order_signature: str,
        attestation: Attestation,
        signatures: Mapping[str, str],
        original: SettlementReceipt | None = None,
    ) -> str:
        self._answer()
        if generation not in self.outbox:
            self._require_original(order, attestation, original)
            call = partial(
                self._ledger.settle, self._typed, self._terms, order, attestation, signatures
            )
            settled, self._calls[generation] = call(), call
            self.posts += 1
            self.outbox[generation] = settled.transaction
            self._ledger.receipts[generation] = SettlementReceipt(
                order, attestation, self._terms.oracle_set, signatures
            )
        return self.outbox[generation]

    def post_batch(
        self, batch: Sequence[str], members: Sequence[Attested], signatures: Mapping[str, str]
    ) -> str:
        self._answer()
        if (name := " ".join(batch)) not in self.outbox:
            self.outbox[name] = self._settle_batch(members, signatures)
            self.posts += 1
        return self.outbox[name]

    def _settle_batch(self, members: Sequence[Attested], signatures: Mapping[str, str]) -> str:
        set_id = self._typed.set_id(self._terms.oracle_set)
        ids = [self._typed.order_hash(member.order) for member in members]
        hashes = [
            self._typed.attestation_hash(member.attestation, each, set_id)
            for each, member in zip(ids, members, strict=True)
        ]
        signers = [self._typed.batch_signer(hashes, each) for each in signatures.values()]
        require_quorum(self._terms.oracle_set, signers)
        for each, member in zip(ids, members, strict=True):
            # Faults that others can cause skip one generation and not the batch.
            with suppress(Refused, Unavailable):
                self._ledger.pay(each, self._terms.oracle_set, member.order, member.attestation)
                self._ledger.receipts[each] = SettlementReceipt(
                    member.order, member.attestation, self._terms.oracle_set, signatures,
                    tuple(hashes),
                )  # fmt: skip
        return hash_of(" ".join(ids))

    def _require_original(
        self, order: Order, made: Attestation, original: SettlementReceipt | None
    ) -> None:
        """The contract's checks of an upgrade."""
        if original is None:
            return
        identity, before = self._typed.order_hash(original.order), original.attestation
        set_id = self._typed.set_id(original.oracle_set)
        require_quorum(original.oracle_set, [
            self._signer(original, identity, set_id, each) for each in original.signatures.values()
        ])
        require(order.request == bytes.fromhex(identity[2:]), "original")
        require(order.tier > original.order.tier, "tier")
        same = (made.entries, made.manifest) == (before.entries, before.manifest)
        require(same, "entries and manifest")

    def _signer(
        self, original: SettlementReceipt, identity: str, set_id: bytes, signature: str
    ) -> str:
        own = self._typed.attestation_hash(original.attestation, identity, set_id)
        if own in original.batch:
            return self._typed.batch_signer(original.batch, signature)
        before = original.attestation
        return self._typed.attestation_signer(before, identity, set_id, signature)

    def outcome(self, generation: str, batch: Sequence[str] = ()) -> Settlement | None:
        self._answer()
        if generation in self._calls and not self._ledger.settlement_seen(generation):
            # The chain lost it in a reorganisation: the same bytes are sent again.
            self._calls[generation]()
            self.resent += 1
        settled = self._ledger.settlement(generation)
        if settled is None and " ".join(batch) in self.outbox:
            raise Inconsistent("the ledger skipped it")
        return settled
