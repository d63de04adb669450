"""Evidence about a settlement that exists on paper only, signed by the test keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.attribution import encode_entries
from oracle.domain.delivery import PATIENCE, Delivery, SignedDelivery
from oracle.domain.order import Order
from oracle.domain.undelivered import Paid, Undelivered
from tests.support.fake_chain import CHAIN, hash_of
from tests.support.samples import LEDGER, NODE, NOW, PAYER
from tests.support.trio import key

TYPED = TypedData(CHAIN, LEDGER)
ATTESTERS = sorted(
    (KeyAttester(key(f"oracle {number}"), TYPED) for number in range(3)),
    key=lambda attester: int(attester.address, 16),
)
SET = OracleSet(2, tuple(attester.address for attester in ATTESTERS))
LATE = NOW + PATIENCE


def paid(**changes: Any) -> Paid:
    """A settlement that oracles 0 and 1 signed."""
    order = Order(PAYER, 0, b"r" * 32, 1_000_000, 1, 5, 0, NOW + 3_600)
    attestation = Attestation(
        200_000, NODE, 20_000, NOW, encode_entries({1: 600_000, 2: 400_000}), b"m" * 32
    )
    generation, set_id = TYPED.order_hash(order), TYPED.set_id(SET)
    base = Paid(
        CHAIN, LEDGER, hash_of("transaction"), 1_234, NOW, generation, order, attestation, SET,
        tuple(each.sign(attestation, generation, set_id) for each in ATTESTERS[:2]),
    )  # fmt: skip
    return replace(base, **changes)


def stated(
    about: Paid, index: int, delivered: bool = False, time: int = LATE, **changes: Any
) -> SignedDelivery:
    """What oracle `index` states; `changes` go into the statement that it signs."""
    made = Delivery(about.generation, about.attestation.manifest, delivered, time)
    signed = replace(made, **changes)
    return SignedDelivery(made, ATTESTERS[index].address, ATTESTERS[index].sign_delivery(signed))


def undelivered(**changes: Any) -> Undelivered:
    """Oracles 0 and 2 refuse; oracle 1 is silent."""
    about = paid()
    silent = {"http://oracle-1.example": "Unavailable: the oracle did not answer (ConnectError)"}
    base = Undelivered(about, (stated(about, 0), stated(about, 2, time=LATE + 1)), silent)
    return replace(base, **changes)
