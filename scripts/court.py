"""What a challenger and an arbiter do. See contracts/interfaces/IDisputeCourt.sol.

A settlement is its own receipt: everything that was signed stands in the transaction that settled
it, so anyone can bring it again without asking an oracle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain import answers
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import InvalidInput
from scripts.wallet import Wallet

Struct = Mapping[str, Any]


@dataclass(frozen=True)
class Brought:
    """A settlement as the court takes it: the structs of the ledger's interface."""

    order: Struct
    attestation: Struct
    quorum: Struct


class Court:
    """The court of a deployment, as one key uses it."""

    def __init__(self, wallet: Wallet, deployment: Deployment, artifacts: Artifacts) -> None:
        self._wallet = wallet
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        # The interface's ABI: it names what the ledger only passes on to a module.
        self._ledger = artifacts.contract("IRoyaltyLedger", deployment.ledger)
        self._court = artifacts.contract("DisputeCourt", deployment.court)
        self._token = artifacts.contract("TestDollar", deployment.token)

    def bond(self) -> int:
        """What a challenge costs if it fails, smallest units."""
        return int(self._wallet.ask(self._court, "BOND"))

    def settled_by(self, transaction: str) -> Brought:
        """What a transaction settled; InvalidInput when it is no `settle` and no `upgrade`."""
        name, said = self._ledger.call(self._wallet.rpc.input(transaction))
        if name not in ("settle", "upgrade"):
            raise InvalidInput("settles nothing", field="transaction", value=transaction)
        return Brought(said["order"], said["attestation"], said["quorum"])

    def challenge(self, brought: Brought, grounds: bytes) -> answers.Receipt:
        """Freezes the price of a settlement until the arbiter rules; takes the bond.

        Args:
            grounds: sha2-256 digest of a pinned file that says why.
        """
        self._wallet.transact(self._token, "approve", self._court.address, self.bond())
        alone: list[bytes] = []
        receipt = (brought.order, brought.attestation, brought.quorum, alone)
        return self._wallet.transact(self._court, "challenge", receipt, grounds)

    def rule(self, brought: Brought, reversed_: bool) -> answers.Receipt:
        """Ends a case: the price goes back to its payer, or the settlement stands."""
        signers = tuple(brought.quorum["signers"])
        set_id = self._typed.set_id(OracleSet(brought.quorum["threshold"], signers))
        call = (brought.order, brought.attestation, set_id, reversed_)
        return self._wallet.transact(self._court, "rule", *call)
