"""Posts settlements to the ledger, each at most once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Reverted
from oracle.adapters.chain.send_state import ENDED, Action
from oracle.adapters.chain.transactions import Transactor
from oracle.adapters.signing import signatures as forms
from oracle.domain.attestation import Attestation, Attested, OracleSet, SettlementReceipt
from oracle.domain.batch import pack
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.order import Order
from oracle.ports import Settlement

_PASSING = {
    "Roles_Paused": "the guardian has paused settlement",
    "Nodes_CapReached": "the node has reached its cap of this dispute epoch",
}
"""Reverts with a cause outside of the settlement, which can be posted later."""


class LedgerSender:
    """Implements ports.Sender: reads the ledger before it posts, and posts through the outbox.

    Args:
        oracle_set: the set whose signatures it posts.
        transactor: sends with the key that pays for gas.
    """

    def __init__(
        self, rpc: Rpc, ledger: ChainLedger, oracle_set: OracleSet, transactor: Transactor
    ) -> None:
        self._rpc = rpc
        self._ledger = ledger
        self._set = oracle_set
        self._transactor = transactor

    def post(
        self,
        generation: str,
        order: Order,
        order_signature: str,
        attestation: Attestation,
        signatures: Mapping[str, str],
        original: SettlementReceipt | None = None,
    ) -> str:
        """Posts the settlement unless it is posted; returns the transaction's hash.

        Args:
            original: for an upgrade, proof of the upgraded settlement.

        Raises:
            Unavailable: the node does not answer, settlement is paused, or an earlier transaction
                is in flight.
            Inconsistent: the ledger would revert; has the ledger's own error.
        """
        self._ledger.check_chain()
        known = self._transactor.track(generation)
        if known is not None and known[1].action not in ENDED:
            return known[0].newest.hash
        if settled := self._elsewhere(generation, order):
            return settled.transaction
        own = SettlementReceipt(order, attestation, self._set, signatures)
        try:
            return self._submit(generation, self._call_data(own, order_signature, original))
        except Reverted as error:
            # Another sender may have settled it after the first look.
            if settled := self._elsewhere(generation, order):
                return settled.transaction
            raise self._refusal(error) from None

    def post_batch(
        self, batch: Sequence[str], members: Sequence[Attested], signatures: Mapping[str, str]
    ) -> str:
        """Posts generations together unless they are posted; returns the transaction's hash.

        Raises:
            Unavailable: the node does not answer, settlement is paused, or an earlier transaction
                is in flight.
            Inconsistent: the ledger would revert, or settle none of them.
        """
        self._ledger.check_chain()
        known = self._transactor.track(batch_name(batch))
        if known is not None and known[1].action not in ENDED:
            return known[0].newest.hash
        if all(self._ledger.nonce_used(m.order.payer, m.order.nonce) for m in members):
            raise Inconsistent("has no generation left to settle", field="batch")
        try:
            return self._submit(batch_name(batch), self._batch_data(members, signatures))
        except Reverted as error:
            raise self._refusal(error) from None

    def outcome(self, generation: str, batch: Sequence[str] = ()) -> Settlement | None:
        """The confirmed settlement; None until then. Sends lost transactions again.

        Args:
            batch: ids of the batch in which it was posted; empty when it was posted alone.

        Raises:
            Inconsistent: the transaction was mined without settling it, or the key is used
                elsewhere.
            Unavailable: the chain does not answer.
        """
        name = batch_name(batch) if batch else generation
        if settled := self._confirmed(generation, name):
            return settled
        known = self._transactor.track(name)
        if known is None or not _is_futile(known[1].action, batch):
            return None
        # Another sender may have settled it in blocks that closed after the first look.
        if settled := self._confirmed(generation, name):
            return settled
        skipped = known[1].action is Action.DONE
        reason = "the ledger skipped it" if skipped else self._reason(known[0].data)
        raise Inconsistent(f"{known[1].reason}: {reason}", field="transaction", value=generation)

    def require_funds(self) -> None:
        """Raises Unavailable unless the sender's account can pay for a settlement now."""
        self._transactor.require_funds()

    def _submit(self, name: str, data: str) -> str:
        self._simulate(data)
        return self._transactor.submit(name, self._ledger.address, data)

    def _confirmed(self, generation: str, name: str) -> Settlement | None:
        settled = self._ledger.settlement(generation)
        if settled is not None:
            self._transactor.finish(name)
        return settled

    def _elsewhere(self, generation: str, order: Order) -> Settlement | None:
        """A settlement of this order by another sender; anyone may post one."""
        if not self._ledger.nonce_used(order.payer, order.nonce):
            return None
        if settled := self._ledger.settlement(generation):
            return settled
        if self._ledger.settlement_seen(generation):
            raise Unavailable("another sender's settlement is not confirmed yet")
        raise Inconsistent("is used by another order", field="order.nonce", value=order.nonce)

    def _call_data(
        self, own: SettlementReceipt, order_signature: str, original: SettlementReceipt | None
    ) -> str:
        order, attestation, quorum = receipt_structs(own)
        call = (order, bytes.fromhex(order_signature.removeprefix("0x")), attestation, quorum)
        if original is None:
            return self._ledger.contract.encode("settle", *call)
        before = (*receipt_structs(original), list(original.batch))
        return self._ledger.contract.encode("upgrade", before, *call)

    def _batch_data(self, members: Sequence[Attested], signatures: Mapping[str, str]) -> str:
        signed = [forms.compact(forms.from_hex(member.order_signature)) for member in members]
        return self._ledger.contract.encode(
            "settleBatch", astuple(pack(members, signed)), _quorum(self._set, signatures)
        )

    def _simulate(self, data: str) -> None:
        self._rpc.call(self._ledger.address, data, sender=self._transactor.address)

    def _refusal(self, error: Reverted) -> Inconsistent | Unavailable:
        reason = self._ledger.contract.error(error.data)
        for name, cause in _PASSING.items():
            if reason.startswith(name):
                return Unavailable(f"the ledger does not settle now: {cause}", value=reason)
        return Inconsistent(f"the ledger refuses to settle: {reason}", field="settle")

    def _reason(self, data: str) -> str:
        try:
            self._simulate(data)
        except Reverted as error:
            return self._ledger.contract.error(error.data)
        return "the ledger would take it now"


def receipt_structs(receipt: SettlementReceipt) -> tuple[tuple[object, ...], ...]:
    """Order, attestation and quorum as the structs of the ledger's functions."""
    quorum = _quorum(receipt.oracle_set, receipt.signatures)
    return _order(receipt.order), _attestation(receipt.attestation), quorum


def batch_name(batch: Sequence[str]) -> str:
    """The name of a batch in the outbox: a digest of its generations' ids in order."""
    return "0x" + hashlib.sha256("".join(batch).encode()).hexdigest()


def _is_futile(action: Action, batch: Sequence[str]) -> bool:
    """Whether the transaction can no longer settle the generation.

    A successful transaction settles a generation that was posted alone; of a batch the ledger may
    skip some.
    """
    return action in ENDED or (bool(batch) and action is Action.DONE)


def _quorum(chosen: OracleSet, signatures: Mapping[str, str]) -> tuple[object, ...]:
    ascending = sorted(signatures, key=lambda signer: int(signer, 16))
    joined = b"".join(
        forms.from_hex(signatures[signer], length=forms.COMPACT) for signer in ascending
    )
    return chosen.threshold, chosen.signers, joined


def _order(order: Order) -> tuple[object, ...]:
    terms = (order.max_price, order.tier, order.use, order.rule, order.deadline)
    return (order.payer, order.nonce, order.request, *terms)


def _attestation(made: Attestation) -> tuple[object, ...]:
    fees = (made.price, made.node, made.node_fee)
    return (*fees, made.generated_at, made.entries, made.manifest)
