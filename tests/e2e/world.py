"""The stack under test, and what can be asked of its chain without the oracle's help."""

from dataclasses import dataclass
from typing import Any

import httpx
from eth_utils import keccak

from scripts.app import App
from scripts.offers import COMMERCIAL
from scripts.registration import Registered
from scripts.stack import ORACLES, Stack

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
        return httpx.post(self.stack.rpc, json=body, timeout=30).json()["result"]

    def settlements(self, generation: str) -> list[dict[str, Any]]:
        """Settled events of one order, straight from the chain's logs."""
        ledger = self.stack.describe()["deployment"]["ledger"]
        topics = ["0x" + keccak(text=SETTLED).hex(), generation]
        query = {"address": ledger, "fromBlock": "0x0", "toBlock": "latest", "topics": topics}
        return self.rpc("eth_getLogs", query)

    def only_personal(self) -> Registered:
        return next(item for item in self.registered if not commercial(item))

    def place(self, request) -> str:
        """Quote, sign, post; the generation's id."""
        order = self.app.order_from(self.app.quote(request), request, 10_000_000)
        return self.app.place(request, order, self.app.sign(order))
