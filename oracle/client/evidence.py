"""Collects and checks evidence that a paid track is delivered by nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.settlement_calls import set_of, signatures_of
from oracle.adapters.http_client import Service
from oracle.adapters.signing.typed import TypedData
from oracle.client.court import Court
from oracle.client.profile import host_of
from oracle.domain import fields
from oracle.domain.attestation import Attestation
from oracle.domain.delivery import PATIENCE, SignedDelivery, parse_delivery
from oracle.domain.errors import Inconsistent, InvalidInput, RefrainError, Refused, require_same
from oracle.domain.ledger_views import Settlement
from oracle.domain.order import Order
from oracle.domain.undelivered import Paid, Undelivered

SECONDS = 60.0
"""Longest time for one oracle's answer: it reads the whole track first."""

DELEGATED = bytes.fromhex("ef0100")
"""How the code of an account begins that delegates to a contract (EIP-7702)."""

ANSWER = ("order", "manifest", "delivered", "time", "signer", "signature")


def collect(paid: Paid, oracles: Sequence[str], now: float) -> Undelivered:
    """Asks all oracles of the set whether they deliver.

    Args:
        oracles: their URLs.
        now: seconds since 1970.

    Raises:
        Refused: the oracles still have time to deliver.
    """
    if now < paid.time + PATIENCE:
        detail = f"was in a block at {paid.time}; the oracles have until {paid.time + PATIENCE}"
        raise Refused(detail, field="settlement", value=paid.transaction)
    statements, silent = [], {}
    for url in oracles:
        try:
            statements.append(_stated(paid, url))
        except RefrainError as error:
            silent[host_of(url)] = str(error)[:300]
    return Undelivered(paid, tuple(statements), silent)


def _stated(paid: Paid, url: str) -> SignedDelivery:
    path = f"/v1/generations/{paid.generation}/delivery"
    # An oracle that reads this track already, or many, asks to be asked later.
    answer = Service(url, "the oracle", seconds=SECONDS, patience=SECONDS).json("GET", path)
    found: dict[str, Any] = dict(fields.mapping(answer, "answer", ANSWER))
    require_same("answer.order", found.pop("order"), paid.generation)
    require_same("answer.manifest", found.pop("manifest"), "0x" + paid.attestation.manifest.hex())
    return parse_delivery(found, "answer", paid.generation, paid.attestation.manifest)


def check(found: Undelivered) -> tuple[str, ...]:
    """The oracles that refused, once everything that was signed has been verified.

    This asks nobody. `check_settled` compares the settlement with the chain.

    Raises:
        InvalidInput, Inconsistent: something is not what was signed; names the field.
        Refused: fewer oracles refused than must sign a settlement.
    """
    paid = found.paid
    typed = TypedData(paid.chain_id, paid.ledger)
    require_same("generation", paid.generation, typed.order_hash(paid.order))
    _require_quorum(typed, paid)
    refused = tuple(_refused(typed, found))
    if len(refused) < paid.oracle_set.threshold:
        detail = f"are {len(refused)} of {paid.oracle_set.threshold} that must refuse"
        raise Refused(f"the oracles that refuse {detail}", field="statements")
    return refused


def _require_quorum(typed: TypedData, paid: Paid) -> None:
    """The attestation must have the signatures of the threshold, alone or in its batch."""
    set_id = typed.set_id(paid.oracle_set)
    own = typed.attestation_hash(paid.attestation, paid.generation, set_id)
    if paid.batch and own not in paid.batch:
        raise Inconsistent("does not have the attestation", field="batch")
    made = paid.attestation
    signers = {
        typed.batch_signer(paid.batch, each) if paid.batch
        else typed.attestation_signer(made, paid.generation, set_id, each)
        for each in paid.signatures
    }  # fmt: skip
    count = len(signers & set(paid.oracle_set.signers))
    if count < paid.oracle_set.threshold:
        detail = f"are of {count} of {paid.oracle_set.threshold} oracles that must sign"
        raise Inconsistent(detail, field="signatures")


def _refused(typed: TypedData, found: Undelivered) -> set[str]:
    """The signers of statements that say no after the oracles' time to deliver."""
    refused = set()
    for index, each in enumerate(found.statements):
        signer = typed.delivery_signer(each.delivery, each.signature)
        require_same(f"statements[{index}].signer", each.signer, signer)
        if signer not in found.paid.oracle_set.signers:
            detail = "is not an oracle of the set"
            raise Inconsistent(detail, field=f"statements[{index}].signer", value=signer)
        if not each.delivery.delivered and each.delivery.time >= found.paid.time + PATIENCE:
            refused.add(signer)
    return refused


class Payments:
    """What was paid, as the chain has it.

    Args:
        settled: finds the settlement of an order, such as `Settlements.of`.
    """

    def __init__(
        self, rpc: Rpc, deployment: Deployment, court: Court,
        settled: Callable[[str], Settlement | None],
    ) -> None:  # fmt: skip
        self._rpc, self._deployment, self._court = rpc, deployment, court
        self._settled = settled

    def paid(self, generation: str) -> Paid:
        """The settlement of an order, from the chain alone.

        Raises:
            InvalidInput: the chain has no settlement of it, or an oracle that signed it is a
                contract.
        """
        found = self._settled(generation)
        if found is None:
            raise InvalidInput("is not settled", field="generation", value=generation)
        signed = self._court.settled_by(found.transaction, generation)
        return Paid(
            self._deployment.chain_id, self._deployment.ledger, found.transaction, found.block,
            self._rpc.block(found.block).timestamp, generation, Order(*signed.order.values()),
            Attestation(*signed.attestation.values()), set_of(signed), signatures_of(signed),
            signed.batch,
        )  # fmt: skip

    def check_settled(self, found: Undelivered) -> None:
        """Raises Inconsistent unless the chain has exactly this settlement."""
        there = self.paid(found.paid.generation)
        for name in Paid.__dataclass_fields__:
            require_same(name, getattr(found.paid, name), getattr(there, name))

    def contracts(self, paid: Paid) -> tuple[str, ...]:
        """The payer and the oracles of the set that are contracts now, as the chain has them.

        A contract has no key: the ledger asks it about a signature (ERC-1271). An account that
        delegates to code (EIP-7702) signs with its key, so it is none.
        """
        asked = (paid.order.payer, *paid.oracle_set.signers)
        return tuple(each for each in asked if _is_contract(self._rpc.code(each)))


def _is_contract(code: bytes) -> bool:
    return bool(code) and not code.startswith(DELEGATED)
