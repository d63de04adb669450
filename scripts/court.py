"""What a challenger and an arbiter do. See contracts/interfaces/IDisputeCourt.sol.

A settlement is its own receipt: everything that was signed stands in the transaction that settled
it, so anyone can bring it again without asking an oracle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain import answers
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order
from scripts.packing import unpack_batch
from scripts.wallet import Wallet

Struct = Mapping[str, Any]

BATCHES = {"settleBatch": 64, "settleOrders": 0}
"""What settles many at once, and the bytes of signature after each generation."""


@dataclass(frozen=True)
class Brought:
    """A settlement as the court takes it: the structs of the ledger's interface.

    `batch`: where it was settled with others, the struct hashes of all their attestations.
    """

    order: Struct
    attestation: Struct
    quorum: Struct
    batch: tuple[bytes, ...] = ()


class Court:
    """The court of a deployment, as one key uses it."""

    def __init__(self, wallet: Wallet, deployment: Deployment, artifacts: Artifacts) -> None:
        self._wallet = wallet
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        # The interfaces' ABI: it names what the ledger only passes on to a module.
        self._ledger = artifacts.contract("IWholeLedger", deployment.ledger)
        self._court = artifacts.contract("DisputeCourt", deployment.court)
        self._token = artifacts.contract("TestDollar", deployment.token)

    def bond(self) -> int:
        """What a challenge costs if it fails, smallest units."""
        return int(self._wallet.ask(self._court, "BOND"))

    def settled_by(self, transaction: str, generation: str = "") -> Brought:
        """What a transaction settled.

        Args:
            generation: which one, where it settled many.

        Raises:
            InvalidInput: it settles nothing, or not this generation.
        """
        name, said = self._ledger.call(self._wallet.rpc.input(transaction))
        if name in BATCHES:
            return self._one_of(unpack_batch(said["batch"], BATCHES[name]), said, generation)
        if name not in ("settle", "upgrade"):
            raise InvalidInput("settles nothing", field="transaction", value=transaction)
        return Brought(said["order"], said["attestation"], said["quorum"])

    def _one_of(
        self, pairs: Sequence[tuple[Struct, Struct]], said: Struct, generation: str
    ) -> Brought:
        ids = [self._typed.order_hash(Order(*order.values())) for order, _ in pairs]
        if generation not in ids:
            raise InvalidInput("is not of this batch", field="generation", value=generation)
        set_id = self._set_id(said["quorum"])
        hashes = [
            self._typed.attestation_hash(Attestation(*made.values()), each, set_id)
            for each, (_, made) in zip(ids, pairs, strict=True)
        ]
        order, made = pairs[ids.index(generation)]
        return Brought(order, made, said["quorum"], tuple(hashes))

    def challenge(self, brought: Brought, grounds: bytes) -> answers.Receipt:
        """Freezes the price of a settlement until the arbiter rules; takes the bond.

        Args:
            grounds: sha2-256 digest of a pinned file that says why.
        """
        self._wallet.transact(self._token, "approve", self._court.address, self.bond())
        receipt = (brought.order, brought.attestation, brought.quorum, list(brought.batch))
        return self._wallet.transact(self._court, "challenge", receipt, grounds)

    def rule(self, brought: Brought, reversed_: bool) -> answers.Receipt:
        """Ends a case: the price goes back to its payer, or the settlement stands."""
        call = (brought.order, brought.attestation, self._set_id(brought.quorum), reversed_)
        return self._wallet.transact(self._court, "rule", *call)

    def _set_id(self, quorum: Struct) -> bytes:
        return self._typed.set_id(OracleSet(quorum["threshold"], tuple(quorum["signers"])))
