"""Money of an app on its way into escrow."""

from __future__ import annotations

from eth_utils import keccak

from oracle.adapters.chain import abi
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.rpc_types import TransactionReceipt
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import hash_struct
from oracle.client.wallet import Wallet
from oracle.domain.errors import Inconsistent, Unavailable

PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
PERMIT_SECONDS = 3_600


class Funding:
    """Puts money of a wallet into its escrow."""

    def __init__(self, wallet: Wallet, key: Key, deployment: Deployment) -> None:
        self.address = wallet.address
        self._wallet = wallet
        self._key = key
        self._ledger = abi.contract("RoyaltyLedger", deployment.ledger)
        self._token = abi.contract("TestDollar", deployment.token)

    def mint(self, amount: int) -> TransactionReceipt:
        """Makes test money for itself; only a test token does that. `amount` in smallest units."""
        return self._wallet.transact(self._token, "mint", self.address, amount)

    def fund(self, amount: int, permit: bool = True) -> TransactionReceipt:
        """Moves money of its own into escrow; orders then cost no gas.

        Args:
            permit: in one transaction where the token takes permits (ERC-2612), else in two.
        """
        signed = self._permit(amount) if permit else None
        if signed is None:
            self._wallet.transact(self._token, "approve", self._ledger.address, amount)
            return self._wallet.transact(self._ledger, "fund", self.address, amount)
        return self._wallet.transact(self._ledger, "fundWithPermit", self.address, amount, *signed)

    def _permit(self, amount: int) -> tuple[int, int, bytes, bytes] | None:
        """Deadline, v, r and s of a permit for the ledger; None where the token knows none."""
        try:
            separator = self._wallet.ask(self._token, "DOMAIN_SEPARATOR")
            nonce = self._wallet.ask(self._token, "nonces", self.address)
        except (Inconsistent, Unavailable):
            return None
        deadline = self._wallet.rpc.block().timestamp + PERMIT_SECONDS
        members = [self.address, self._ledger.address, amount, nonce, deadline]
        made = self._key.sign(keccak(b"\x19\x01" + separator + hash_struct(PERMIT, members)))
        return deadline, made[64], made[:32], made[32:64]
