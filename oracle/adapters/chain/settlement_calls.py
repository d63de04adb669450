"""Reads what was signed out of the transaction that settled it.

A settlement is its own receipt: order, attestation and signatures are in the transaction's call, so
anyone can bring them again without asking an oracle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils import to_checksum_address

from oracle.adapters.chain import abi
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing import signatures
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, OracleSet, SettlementReceipt
from oracle.domain.batch import unpack_batch
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order

Struct = Mapping[str, Any]

BATCHES = {"settleBatch": 64, "settleOrders": 0}
"""What settles many at once, and the bytes of signature after each generation."""


@dataclass(frozen=True)
class SettlementEvidence:
    """A settlement as the court takes it: the structs of the ledger's interface.

    `batch`: where it was settled with others, the struct hashes of all their attestations.
    """

    order: Struct
    attestation: Struct
    quorum: Struct
    batch: tuple[bytes, ...] = ()


class SettlementCalls:
    """Reads the calls of one ledger."""

    def __init__(self, rpc: Rpc, typed: TypedData, ledger: str) -> None:
        self._rpc, self._typed = rpc, typed
        # The interface's ABI: it names what the ledger only passes on to a module.
        self._ledger = abi.contract("ILedger", ledger)

    def evidence(self, transaction: str, generation: str = "") -> SettlementEvidence:
        """What a transaction settled.

        Args:
            generation: which one, where it settled many.

        Raises:
            InvalidInput: it settles nothing, or not this generation.
        """
        name, said = self._ledger.call(self._rpc.input(transaction))
        if name in BATCHES:
            return self._one_of(unpack_batch(said["batch"], BATCHES[name]), said, generation)
        if name not in ("settle", "upgrade"):
            raise InvalidInput("settles nothing", field="transaction", value=transaction)
        return SettlementEvidence(said["order"], said["attestation"], said["quorum"])

    def receipt(self, transaction: str, generation: str) -> SettlementReceipt:
        """The same as a value, with each signature under its signer.

        Raises:
            InvalidInput: as `evidence` and `signatures_of`.
        """
        found = self.evidence(transaction, generation)
        order, made = Order(*found.order.values()), Attestation(*found.attestation.values())
        if self._typed.order_hash(order) != generation:
            raise InvalidInput("is not settled by it", field="transaction", value=transaction)
        chosen = set_of(found)
        set_id, signed = self._typed.set_id(chosen), {}
        for each in signatures_of(found):
            signer = (
                self._typed.batch_signer(found.batch, each) if found.batch
                else self._typed.attestation_signer(made, generation, set_id, each)
            )  # fmt: skip
            signed[signer] = each
        return SettlementReceipt(order, made, chosen, signed, found.batch)

    def _one_of(
        self, pairs: Sequence[tuple[Struct, Struct]], said: Struct, generation: str
    ) -> SettlementEvidence:
        ids = [self._typed.order_hash(Order(*order.values())) for order, _ in pairs]
        if generation not in ids:
            raise InvalidInput("is not of this batch", field="generation", value=generation)
        quorum = said["quorum"]
        set_id = self._typed.set_id(OracleSet(quorum["threshold"], tuple(quorum["signers"])))
        hashes = [
            self._typed.attestation_hash(Attestation(*made.values()), each, set_id)
            for each, (_, made) in zip(ids, pairs, strict=True)
        ]
        order, made = pairs[ids.index(generation)]
        return SettlementEvidence(order, made, quorum, tuple(hashes))


def set_of(found: SettlementEvidence) -> OracleSet:
    """The oracle set that signed."""
    return OracleSet(int(found.quorum["threshold"]), tuple(found.quorum["signers"]))


def signatures_of(found: SettlementEvidence) -> tuple[str, ...]:
    """Its signatures, 64 bytes in 0x-hex each.

    Raises:
        InvalidInput: one is by a contract (ERC-1271); only the chain can check it.
    """
    data, size = bytes(found.quorum["signatures"]), signatures.COMPACT
    each = [data[at : at + size] for at in range(0, len(data), size)]
    for made in each:
        # As the ledger tells them apart: a contract's item begins with its address in 32 bytes.
        if int.from_bytes(made[:32], "big") < 2**160:
            detail = "is by an oracle that is a contract (ERC-1271); only keys can be checked"
            oracle = to_checksum_address(made[12:32])
            raise InvalidInput(detail, field="quorum.signatures", value=oracle)
    return tuple("0x" + made.hex() for made in each)
