"""The stack under test, and calls to its chain that do not use the oracle."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx
from eth_utils import keccak

from oracle.client.app import App
from oracle.domain.order import Order
from oracle.domain.ordered import Ordered, placed_json
from oracle.domain.prompt import commitment_of
from oracle.domain.request import Reference, Request
from scripts.stack.catalogue_folder import COMMERCIAL
from scripts.stack.layout import ORACLES
from scripts.stack.registration import Registered
from scripts.stack.stack import Stack

PROMPT, SALT = "a test of the whole", "5a" * 32

SETTLED = "Settled(bytes32,address,address,bytes32,uint256,uint256,uint256,uint32[],uint256[])"


def commercial(item: Registered) -> bool:
    return bool(item.offer.uses & COMMERCIAL)


@dataclass
class World:
    stack: Stack
    app: App
    registered: list[Registered]
    chosen: tuple[Registered, ...]

    @property
    def api(self) -> str:
        return self.stack.url(ORACLES[0])

    def rpc(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        return httpx.post(self.stack.rpc, json=body, timeout=30, trust_env=False).json()["result"]

    def settlements(self, generation: str) -> list[dict[str, Any]]:
        """The Settled events of one order, read from the chain."""
        ledger = self.stack.describe()["deployment"]["ledger"]
        topics = ["0x" + keccak(text=SETTLED).hex(), generation]
        query = {"address": ledger, "fromBlock": "0x0", "toBlock": "latest", "topics": topics}
        return self.rpc("eth_getLogs", query)

    def only_personal(self) -> Registered:
        return next(item for item in self.registered if not commercial(item))

    def place(self, request: Request) -> str:
        """Gets a quote, signs and posts the order; the id of the generation."""
        order = self.app.order_from(self.app.quote(request), request, 10_000_000)
        return self.app.place(request, order, self.app.sign(order), PROMPT, SALT)


def body_of(request: Request, order: Order, signature: str) -> dict[str, Any]:
    """The body that places an order of a request for `PROMPT`."""
    return placed_json(Ordered(request, order, signature, PROMPT, SALT))


def asked(
    references: Iterable[tuple[int, int]], length: int = 6, tier: str = "commercial"
) -> Request:
    """A request for `PROMPT`. `references`: recording and weight, ascending; `length`: seconds."""
    listed = tuple(Reference(*pair) for pair in references)
    return Request("mosaic", length, listed, "realised", tier, commitment_of(PROMPT, SALT))
