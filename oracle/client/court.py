"""What a challenger and an arbiter do. See contracts/interfaces/IDisputeCourt.sol.

A settlement is its own receipt: everything that was signed is in the transaction that settled
it, so anyone can bring it again without asking an oracle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle.adapters.chain import abi
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.rpc_types import TransactionReceipt
from oracle.adapters.chain.settlement_calls import SettlementCalls, SettlementEvidence, set_of
from oracle.adapters.signing.typed import TypedData
from oracle.client.wallet import Wallet
from oracle.domain.attestation import Attestation
from oracle.domain.order import Order


class Court:
    """The court of a deployment, as one key uses it."""

    def __init__(self, wallet: Wallet, deployment: Deployment) -> None:
        self._wallet = wallet
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        self._calls = SettlementCalls(wallet.rpc, self._typed, deployment.ledger)
        self._court = abi.contract("DisputeCourt", deployment.court)
        self._token = abi.contract("TestDollar", deployment.token)

    def bond(self) -> int:
        """What a challenge costs if it fails, smallest units."""
        return int(self._wallet.ask(self._court, "BOND"))

    def settled_by(self, transaction: str, generation: str = "") -> SettlementEvidence:
        """What a transaction settled.

        Args:
            generation: which one, where it settled many.

        Raises:
            InvalidInput: it settles nothing, or not this generation.
        """
        return self._calls.evidence(transaction, generation)

    def challenge(self, evidence: SettlementEvidence, grounds: bytes) -> TransactionReceipt:
        """Freezes the price of a settlement until the arbiter rules; takes the bond.

        Args:
            grounds: sha2-256 digest of a pinned file that says why.
        """
        self._wallet.transact(self._token, "approve", self._court.address, self.bond())
        receipt = (evidence.order, evidence.attestation, evidence.quorum, list(evidence.batch))
        return self._wallet.transact(self._court, "challenge", receipt, grounds)

    def preview_bond(self) -> None:
        """Has what taking the bond costs approved, before the grounds become public."""
        self._wallet.preview(self._token, "approve", self._court.address, self.bond())

    def case(self, evidence: SettlementEvidence) -> Mapping[str, Any]:
        """The case of a settlement: challenger (zero: none), deadline, bond, open."""
        order = self._typed.order_hash(Order(*evidence.order.values()))
        made = Attestation(*evidence.attestation.values())
        set_id = self._typed.set_id(set_of(evidence))
        attestation = self._typed.attestation_hash(made, order, set_id)
        return dict(self._wallet.ask(self._court, "cases", attestation))

    def rule(self, evidence: SettlementEvidence, reversed_: bool) -> TransactionReceipt:
        """Ends a case: the price goes back to its payer, or the settlement is upheld."""
        call = (
            evidence.order, evidence.attestation, self._typed.set_id(set_of(evidence)), reversed_
        )  # fmt: skip
        return self._wallet.transact(self._court, "rule", *call)
