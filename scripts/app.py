"""What an app does: put money into escrow, ask for a quote, sign an order, and wait for the track.

Nothing that an oracle sends is signed before it was compared with what the app itself wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from eth_utils import keccak

from oracle.adapters.chain.answers import Receipt
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.service import Service
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData, hash_struct
from oracle.domain.errors import Inconsistent, InvalidInput, Refused, Unavailable
from oracle.domain.order import Order, order_json, parse_order
from oracle.domain.request import Request
from scripts.wallet import Wallet

ENDS = ("settled", "refused", "failed")
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
PERMIT_SECONDS = 3_600

View = Mapping[str, Any]
"""A generation as the oracle's API shows it."""


class App:
    """An app with a key that pays.

    Args:
        api: URL of an oracle, without ``/v1``.
    """

    def __init__(
        self, wallet: Wallet, key: Key, deployment: Deployment, artifacts: Artifacts, api: str
    ) -> None:
        self.address = wallet.address
        self._wallet = wallet
        self._key = key
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        self._ledger = artifacts.contract("RoyaltyLedger", deployment.ledger)
        self._token = artifacts.contract("TestDollar", deployment.token)
        self._api = Service(api, "the oracle")

    def mint(self, amount: int) -> Receipt:
        """Makes test money for itself; only a test token does that. `amount` in smallest units."""
        return self._wallet.transact(self._token, "mint", self.address, amount)

    def fund(self, amount: int, permit: bool = True) -> Receipt:
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

    def escrow(self) -> int:
        """What it may still spend, smallest units."""
        return int(self._wallet.ask(self._ledger, "accounts", self.address)["escrow"])

    def quote(self, request: Request) -> View:
        """What a request costs, whether it is permitted, and the order to sign."""
        body = {"request": request.to_json(), "payer": self.address}
        return dict(self._api.json("POST", "/v1/quotes", body))

    def quote_upgrade(self, original: str, tier: str) -> View:
        """What a higher tier of a settled generation costs more, and the order to sign."""
        body = {"original": original, "tier": tier, "payer": self.address}
        return dict(self._api.json("POST", "/v1/upgrades/quotes", body))

    def order_from(self, quote: View, request: Request, limit: int) -> Order:
        """The order of a quote, once it is what the app wants to sign; see `checked`."""
        return self.checked(quote, request.digest(), limit)

    def checked(self, quote: View, named: bytes, limit: int) -> Order:
        """The order of a quote, once it is what the app wants to sign.

        Args:
            named: what the order must name: a request's digest, or of an upgrade the original's id.
            limit: the most the app would pay, smallest units.

        Raises:
            Refused: the quote says that the request is not permitted, and why.
            Inconsistent: the quote's order is not of this payer, request, ledger or chain.
        """
        if not quote["permitted"]:
            reasons = [f"{r['recording']}: {r['detail']}" for r in quote["refusals"]]
            raise Refused("; ".join(reasons), field="request.references")
        order = parse_order(quote["typed_data"]["message"], "typed_data.message")
        wanted = replace(order, payer=self.address, request=named)
        if quote["typed_data"] != self._typed.order_typed_data(wanted):
            raise Inconsistent("is not the order that was asked for", field="typed_data")
        if order.max_price > limit:
            raise InvalidInput(f"is above {limit}", field="maxPrice", value=order.max_price)
        return order

    def sign(self, order: Order) -> str:
        """The app's signature, 0x-hex."""
        return "0x" + self._key.sign(self._typed.order_digest(order)).hex()

    def place(self, request: Request, order: Order, signature: str) -> str:
        """Sends the order; returns the generation's id. Repeating it is harmless."""
        body = {"request": request.to_json(), "order": order_json(order), "signature": signature}
        return self._place("/v1/generations", order, body)

    def upgrade(self, original: str, tier: str, limit: int, seconds: float = 600) -> View:
        """Pays the difference to a higher tier and waits; the ended upgrade."""
        quote = self.quote_upgrade(original, tier)
        order = self.checked(quote, bytes.fromhex(original.removeprefix("0x")), limit)
        body = {"order": order_json(order), "signature": self.sign(order)}
        return self.wait(self._place("/v1/upgrades", order, body), seconds)

    def _place(self, path: str, order: Order, body: View) -> str:
        headers = {"Idempotency-Key": self._typed.order_hash(order)}
        answer = self._api.json("POST", path, body, headers=headers)
        if answer["id"] != self._typed.order_hash(order):
            raise Inconsistent("is not the order's hash", field="id", value=answer["id"])
        return str(answer["id"])

    def view(self, generation: str) -> View:
        """How far a generation is."""
        return dict(self._api.json("GET", f"/v1/generations/{generation}"))

    def wait(
        self,
        generation: str,
        seconds: float = 600,
        tell: Callable[[View], None] = lambda view: None,
        pause: float = 0.5,
    ) -> View:
        """Waits until a generation has ended, in whichever way.

        Args:
            tell: called with the view whenever stage or detail has changed.

        Raises:
            Unavailable: it has not ended in time; it goes on all the same.
        """
        end, last = time.monotonic() + seconds, None
        while time.monotonic() < end:
            view = self.view(generation)
            if (view["stage"], view["detail"]) != last:
                last = (view["stage"], view["detail"])
                tell(view)
            if view["stage"] in ENDS:
                return view
            time.sleep(pause)
        raise Unavailable(f"has not ended after {seconds:.0f} s", field="stage", value=last)

    def buy(self, request: Request, limit: int, seconds: float = 600) -> View:
        """Quote, order and wait in one; the ended generation."""
        order = self.order_from(self.quote(request), request, limit)
        return self.wait(self.place(request, order, self.sign(order)), seconds)
