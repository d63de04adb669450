"""Posts settlements to the ledger, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from oracle.adapters.chain.answers import Reverted
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.send_state import Action
from oracle.adapters.chain.transactions import Transactor
from oracle.adapters.signing import signatures as forms
from oracle.domain.attestation import Attestation, Attested, OracleSet, Receipt
from oracle.domain.batch import pack
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.order import Order
from oracle.ports import Settlement

_PASSING = {
    "Roles_Paused": "settling is paused by the guardian",
    "Nodes_CapReached": "the node has settled what its cap allows in this window of dispute",
}
"""Refusals that say nothing about this settlement: it can be posted later."""


class LedgerSender:
    """Implements ports.Sender: looks before it posts, and posts through the outbox.

    Args:
        oracle_set: whose signatures are passed on.
        transactor: of the key that pays for gas.
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
        original: Receipt | None = None,
    ) -> str:
        """Posts the settlement, or finds that it is posted; returns a transaction's hash.

        `original`: of an upgrade, proof of what it upgrades.

        Raises:
            Unavailable: not now: the chain is silent, paused, or busy with an earlier one.
            Inconsistent: the ledger would refuse it; carries the ledger's own error.
        """
        self._ledger.check_chain()
        known = self._transactor.track(generation)
        if known is not None and not known[0].retryable:
            return known[0].newest.hash
        if settled := self._elsewhere(generation, order):
            return settled.transaction
        own = Receipt(order, attestation, self._set, signatures)
        try:
            return self._submit(generation, self._call_data(own, order_signature, original))
        except Reverted as error:
            # Somebody else may have settled it since we looked.
            if settled := self._elsewhere(generation, order):
                return settled.transaction
            raise self._refusal(error) from None

    def post_batch(
        self, batch: Sequence[str], members: Sequence[Attested], signatures: Mapping[str, str]
    ) -> str:
        """Posts generations together, or finds that they are posted; a transaction's hash.

        Raises:
            Unavailable: not now: the chain is silent, paused, or busy with an earlier one.
            Inconsistent: the ledger would refuse all of them, or settle none.
        """
        self._ledger.check_chain()
        known = self._transactor.track(batch_name(batch))
        if known is not None and not known[0].retryable:
            return known[0].newest.hash
        if all(self._ledger.nonce_used(it.order.payer, it.order.nonce) for it in members):
            raise Inconsistent("would settle nothing any more", field="batch")
        try:
            return self._submit(batch_name(batch), self._batch_data(members, signatures))
        except Reverted as error:
            raise self._refusal(error) from None

    def outcome(self, generation: str, batch: Sequence[str] = ()) -> Settlement | None:
        """The confirmed settlement, or None while it is on its way; sends again what was lost.

        Args:
            batch: what the generation was posted in; empty when it was posted by itself.

        Raises:
            Inconsistent: its transaction was mined and did nothing for it, or the key is used
                elsewhere.
            Unavailable: the chain does not answer.
        """
        name = batch_name(batch) if batch else generation
        if settled := self._confirmed(generation, name):
            return settled
        known = self._transactor.track(name)
        if known is None or not _in_vain(known[1].action, batch):
            return None
        # Someone else may have settled it in the blocks that were closed since we looked.
        if settled := self._confirmed(generation, name):
            return settled
        skipped = known[1].action is Action.DONE
        reason = "the ledger skipped it" if skipped else self._reason(known[0].data)
        raise Inconsistent(f"{known[1].reason}: {reason}", field="transaction", value=generation)

    def _submit(self, name: str, data: str) -> str:
        self._simulate(data)
        return self._transactor.submit(name, self._ledger.address, data)

    def _confirmed(self, generation: str, name: str) -> Settlement | None:
        settled = self._ledger.settlement(generation)
        if settled is not None:
            self._transactor.finish(name)
        return settled

    def _elsewhere(self, generation: str, order: Order) -> Settlement | None:
        """A settlement of this order by somebody else; anyone may post one."""
        if not self._ledger.nonce_used(order.payer, order.nonce):
            return None
        if settled := self._ledger.settlement(generation):
            return settled
        if self._ledger.settlement_seen(generation):
            raise Unavailable("another sender's settlement is not confirmed yet")
        raise Inconsistent("was used by another order", field="order.nonce", value=order.nonce)

    def _call_data(self, own: Receipt, order_signature: str, original: Receipt | None) -> str:
        order, attestation, quorum = receipt_words(own)
        call = (order, bytes.fromhex(order_signature.removeprefix("0x")), attestation, quorum)
        if original is None:
            return self._ledger.contract.encode("settle", *call)
        before = (*receipt_words(original), list(original.batch))
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
        for name, words in _PASSING.items():
            if reason.startswith(name):
                return Unavailable(f"the ledger does not settle now: {words}", value=reason)
        return Inconsistent(f"the ledger refuses to settle: {reason}", field="settle")

    def _reason(self, data: str) -> str:
        try:
            self._simulate(data)
        except Reverted as error:
            return self._ledger.contract.error(error.data)
        return "the ledger would take it now"


def receipt_words(receipt: Receipt) -> tuple[tuple[object, ...], ...]:
    """Order, attestation and quorum as the ledger's functions take them."""
    quorum = _quorum(receipt.oracle_set, receipt.signatures)
    return _order(receipt.order), _attestation(receipt.attestation), quorum


def batch_name(batch: Sequence[str]) -> str:
    """What the outbox knows a batch by: a digest of its generations' ids in order."""
    return "0x" + hashlib.sha256("".join(batch).encode()).hexdigest()


def _in_vain(action: Action, batch: Sequence[str]) -> bool:
    """Whether nothing of a transaction can settle a generation any more.

    One that was mined has settled what was posted by itself; the ledger may skip one of a batch.
    """
    failed = action in (Action.REVERTED, Action.DISPLACED)
    return failed or (bool(batch) and action is Action.DONE)


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
