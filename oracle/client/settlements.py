"""What the chain says of a settlement. An oracle's word that it settled is no proof."""

from __future__ import annotations

import time
from collections.abc import Callable

from oracle.adapters.chain import abi
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.settlement_index import SettlementReader
from oracle.client.answers import View
from oracle.client.court import Court
from oracle.client.offer import Wanted
from oracle.client.wallet import Wallet
from oracle.domain.attribution import decode_entries
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound, require_same
from oracle.domain.ledger_views import Settlement
from oracle.domain.money import divide

BEHIND = 3.0
"""Seconds that the app's node may show a block later than the oracle's node."""


class Settlements:
    """The settlements of a deployment's ledger.

    Args:
        seconds: how long to look again for a settlement before it does not exist.
    """

    def __init__(
        self,
        wallet: Wallet,
        deployment: Deployment,
        seconds: float = BEHIND,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        ledger = abi.contract("RoyaltyLedger", deployment.ledger)
        self._rpc = wallet.rpc
        self._start = deployment.block
        self._reader = SettlementReader(wallet.rpc, ledger)
        self._court = Court(wallet, deployment)
        self._tries = max(1, round(seconds / 0.5))
        self._sleep = sleep

    def of(self, order: str) -> Settlement | None:
        """The settlement of an order in a canonical block whose transaction succeeded."""
        found = self._reader.find(order, self._start, self._rpc.block().number)
        if found is None:
            return None
        receipt = self._rpc.receipt(found[0].transaction)
        return found[0] if receipt and receipt.succeeded else None

    def proven(self, view: View, most: int | None) -> View:
        """A view that says `settled`, with price, transaction and block of the chain.

        Args:
            most: the order's maxPrice where it is known.

        Raises:
            Inconsistent: the chain shows no such settlement, or another one.
        """
        found = self._awaited(view["id"])
        if found is None:
            detail = "the oracle says settled; the chain does not"
            raise Inconsistent(detail, field="stage", value=view["id"])
        if most is not None and found.price > most:
            raise Inconsistent(f"is above the order's maxPrice {most}", field="price",
                               value=found.price)  # fmt: skip
        self._require_vector(view, found)
        chain = {"price": str(found.price), "transaction": found.transaction, "block": found.block}
        return {**view, **chain}

    def _awaited(self, order: str) -> Settlement | None:
        for left in range(self._tries, 0, -1):
            found = self.of(order)
            if found or left == 1:
                return found
            self._sleep(0.5)
        return None

    def _require_vector(self, view: View, found: Settlement) -> None:
        """The shares that the oracle shows are those that the ledger paid."""
        if not view["vector"]:
            return
        weights = {item["recording"]: item["weight"] for item in view["vector"]}
        require_same("vector", list(weights), list(found.recordings))
        try:
            paid = divide(sum(found.amounts), list(weights.values()))
        except InvalidInput as error:
            raise Inconsistent(error.detail, field="vector", value=error.value) from None
        require_same("vector", list(paid), list(found.amounts))

    def upgrade_of(self, original: str, tier: str, payer: str) -> Wanted:
        """What the order of an upgrade must be, from the original's settlement on the chain.

        Raises:
            NotFound: the chain has no settlement of the original.
        """
        found = self.of(original)
        if found is None:
            raise NotFound("the chain has no settlement of it", field="original", value=original)
        evidence = self._court.settled_by(found.transaction, original)
        weights = decode_entries(evidence.attestation["entries"])
        named = bytes.fromhex(original.removeprefix("0x"))
        return Wanted(payer, named, tier, int(evidence.order["rule"]), weights)
