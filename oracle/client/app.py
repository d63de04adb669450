"""What an app does: put money into escrow, ask for a quote, sign an order, and wait for the track.

Nothing that an oracle sends is signed before it was compared with what the app itself wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from oracle.adapters.chain import abi
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.rpc_types import TransactionReceipt
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.client import answers
from oracle.client.answers import View
from oracle.client.funding import Funding
from oracle.client.kept_orders import KeptOrders
from oracle.client.offer import Now, Wanted, checked, wanted_by
from oracle.client.oracles import Oracles
from oracle.client.reasons import in_words
from oracle.client.settlements import Settlements
from oracle.client.wallet import Wallet
from oracle.domain import fields
from oracle.domain.consent import TIERS
from oracle.domain.errors import Inconsistent, Refused, Unavailable
from oracle.domain.generation import ENDS, Stage
from oracle.domain.order import Order, order_json
from oracle.domain.ordered import Ordered, placed_json
from oracle.domain.prompt import require_opens
from oracle.domain.quote_request import QuoteRequest
from oracle.domain.request import Request


class App:
    """An app with a key that pays.

    Args:
        api: URL of an oracle, or of several oracles of one set in order of preference, each
            without ``/v1``. When one does not answer, the next one is asked.
        kept: where each order is kept, with its prompt and salt, before it is sent; None when the
            caller keeps them.
        now: this machine's clock, seconds since 1970.
    """

    def __init__(
        self,
        wallet: Wallet,
        key: Key,
        deployment: Deployment,
        api: str | Sequence[str],
        kept: KeptOrders | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.address = wallet.address
        self._wallet = wallet
        self._key = key
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        self._ledger = abi.contract("RoyaltyLedger", deployment.ledger)
        self._funding = Funding(wallet, key, deployment)
        self._settlements = Settlements(wallet, deployment)
        self._api = Oracles([api] if isinstance(api, str) else list(api))
        self._kept = kept
        self._now = now

    def mint(self, amount: int) -> TransactionReceipt:
        """Makes test money for itself; only a test token does that. `amount` in smallest units."""
        return self._funding.mint(amount)

    def fund(self, amount: int, permit: bool = True) -> TransactionReceipt:
        """Moves money of its own into escrow, see `Funding.fund`."""
        return self._funding.fund(amount, permit)

    def escrow(self) -> int:
        """What it may still spend, smallest units."""
        return int(self._wallet.ask(self._ledger, "accounts", self.address)["escrow"])

    def quote(self, request: Request) -> View:
        """What a request costs, whether it is permitted, and the order to sign."""
        body = {"request": request.to_json()} | self._asker(request.digest())
        return answers.quote(self._api.post("/v1/quotes", body))

    def quote_upgrade(self, original: str, tier: str) -> View:
        """What a higher tier of a settled generation costs more, and the order to sign."""
        named = bytes.fromhex(fields.word(original, "original")[2:])
        body = {"original": original, "tier": tier} | self._asker(named)
        return answers.quote(self._api.post("/v1/upgrades/quotes", body))

    def _asker(self, named: bytes) -> dict[str, Any]:
        """Who asks, signed: only then an oracle tells what is reserved.

        Args:
            named: the request's digest, or the id of the generation to upgrade, 32 bytes.
        """
        asked = QuoteRequest(self.address, named, int(self._now()))
        signature = "0x" + self._key.sign(self._typed.quote_digest(asked)).hex()
        return {"payer": self.address, "time": asked.time, "signature": signature}

    def order_from(self, quote: View, request: Request, limit: int) -> Order:
        """The order of a request, once the quote is what the app wants to sign; see `_checked`."""
        return self._checked(quote, lambda: wanted_by(request, self.address), limit)

    def upgrade_from(self, quote: View, original: str, tier: str, limit: int) -> Order:
        """The order of an upgrade, in the same way."""
        fields.choice(tier, "tier", TIERS)
        settled = self._settlements
        return self._checked(quote, lambda: settled.upgrade_of(original, tier, self.address), limit)

    def _checked(self, quote: View, wanted: Callable[[], Wanted], limit: int) -> Order:
        """The order to sign.

        Args:
            limit: the most the app would pay, smallest units.

        Raises:
            Refused: the quote says that the request is not permitted, and why.
            Inconsistent: the quote differs from what is wanted; names the field.
        """
        quote = answers.quote(quote)
        if not quote["permitted"]:
            raise Refused("; ".join(in_words(each) for each in quote["refusals"]))
        order = checked(quote, wanted(), self._limits(), self._typed, limit)
        if self._wallet.ask(self._ledger, "isNonceUsed", self.address, order.nonce):
            detail = "is used on the chain, or too old"
            raise Inconsistent(detail, field="typed_data.message.nonce", value=order.nonce)
        return order

    def _limits(self) -> Now:
        account = self._wallet.ask(self._ledger, "accounts", self.address)
        block = self._wallet.rpc.block().timestamp
        return Now(int(account["nextNonce"]), block, max(block, int(self._now())))

    def sign(self, order: Order) -> str:
        """The app's signature, 0x-hex."""
        return "0x" + self._key.sign(self._typed.order_digest(order)).hex()

    def place(
        self, request: Request, order: Order, signature: str, prompt: str, salt: str
    ) -> str:
        """Sends the order; returns the generation's id. Repeating it is harmless.

        Args:
            prompt, salt: those of the request's commitment; only the set's oracles get them.
        """
        require_opens(request.prompt_commitment, prompt, salt)
        ordered = Ordered(request, order, signature, prompt, salt)
        if self._kept:
            self._kept.keep(self.id_of(order), ordered)
        return self._place("/v1/generations", order, placed_json(ordered))

    def id_of(self, order: Order) -> str:
        """The id of the generation that an order makes, 0x-hex."""
        return self._typed.order_hash(order)

    def upgrade(self, original: str, tier: str, limit: int, seconds: float = 600) -> View:
        """Pays the difference to a higher tier and waits; the ended upgrade."""
        order = self.upgrade_from(self.quote_upgrade(original, tier), original, tier, limit)
        placed = self.place_upgrade(order, self.sign(order))
        return self.wait(placed, seconds, most=order.max_price)

    def place_upgrade(self, order: Order, signature: str) -> str:
        """Sends the order of an upgrade; returns the upgrade's id. Repeating it is harmless."""
        body = {"order": order_json(order), "signature": signature}
        return self._place("/v1/upgrades", order, body)

    def _place(self, path: str, order: Order, body: View) -> str:
        placed = self.id_of(order)
        return str(answers.taken(self._api.post(path, body), placed)["id"])

    def cancel(self, generation: str) -> View:
        """Cancels an order whose track is not being made yet; the view of its end.

        Raises:
            Conflict: the track is being made, or the order has ended in another way.
            Unavailable: too few oracles agree now.
        """
        signature = "0x" + self._key.sign(self._typed.cancel_digest(generation)).hex()
        answer = self._api.delete(f"/v1/generations/{generation}", {"signature": signature})
        return answers.generation(answer, generation)

    def view(self, generation: str) -> View:
        """How far a generation is, as an oracle says."""
        answer = self._api.get(f"/v1/generations/{generation}")
        return answers.generation(answer, generation)

    def proven(self, view: View, most: int | None = None) -> View:
        """A view; when it says `settled`, the chain confirms it and gives the price.

        Args:
            most: the order's maxPrice where it is known, smallest units.

        Raises:
            Inconsistent: the chain does not show the settlement.
        """
        settled = view["stage"] == Stage.SETTLED
        return self._settlements.proven(view, most) if settled else view

    def wait(
        self,
        generation: str,
        seconds: float = 600,
        tell: Callable[[View], None] = lambda view: None,
        pause: float = 0.5,
        most: int | None = None,
    ) -> View:
        """Waits until a generation has ended, in whichever way; the view is as `proven` returns it.

        Args:
            tell: called with the view whenever stage or detail has changed.
            most: the order's maxPrice where it is known, smallest units.

        Raises:
            Unavailable: it has not ended in time; it goes on all the same.
            Inconsistent: the oracle says `settled`, and the chain does not.
        """
        end, last = time.monotonic() + seconds, ("", "")
        while time.monotonic() < end:
            view = self.view(generation)
            if (view["stage"], view["detail"]) != last:
                last = (view["stage"], view["detail"])
                tell(view)
            if view["stage"] in ENDS:
                return self.proven(view, most)
            time.sleep(pause)
        raise Unavailable(f"has not ended after {seconds:.0f} s", field="stage",
                          value=": ".join(filter(None, last)) or None)  # fmt: skip

    def buy(
        self, request: Request, prompt: str, salt: str, limit: int, seconds: float = 600
    ) -> View:
        """Quote, order and wait in one; the ended generation. Arguments as `place`."""
        order = self.order_from(self.quote(request), request, limit)
        placed = self.place(request, order, self.sign(order), prompt, salt)
        return self.wait(placed, seconds, most=order.max_price)
