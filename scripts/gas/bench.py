"""One chain to measure on, and the names under which figures are compared.

A measure is a function from `Bench` to gas by name. Ours and a peer's are compared where they give
the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from web3.contract import Contract
from web3.types import RPCEndpoint

from scripts.chain import local_chain
from scripts.rig import DAY, WINDOW, Rig, key

Gas = dict[str, int]

SIZES = (2, 10, 100)
FIRST, LATER, FRESH = "first", "later", "first of an epoch"
WITHDRAW_ONE = "withdraw one, used"
PRICE = 1_234_567

# Time enough for any credit to become payable: the rest of its window, and the whole of the next.
PAYABLE = 2 * WINDOW + DAY
# A fixed beginning gives the same signatures, hence the same calldata, in every run.
START = 1_750_000_000
ETHER = 10**18


def settle(size: int, when: str) -> str:
    """The name of dividing one payment among `size` recipients."""
    return f"settle {size} {when}"


def pay_out(size: int, when: str) -> str:
    """The name of dividing one payment among `size` recipients and paying each."""
    return f"settle and pay out {size} {when}"


def even_amounts(count: int) -> list[int]:
    """PRICE in nearly equal parts."""
    part, rest = divmod(PRICE, count)
    return [part + (index < rest) for index in range(count)]


class Bench:
    """A ledger on a chain of its own, and accounts that never held anything."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        # Who pays a peer keeps some money: a balance that becomes zero would earn a refund.
        rig.send(rig.token.functions.mint(rig.admin, 1_000 * PRICE))

    def _rpc(self, method: str, *arguments: Any) -> None:
        self.rig.w3.provider.make_request(RPCEndpoint(method), list(arguments))

    def payees(self, kind: str, count: int) -> list[str]:
        """Accounts that hold no token yet, which the chain lets send without a key."""
        found = [str(key(f"{kind} {index} of {count}").address) for index in range(count)]
        for address in found:
            self._rpc("anvil_setBalance", address, hex(ETHER))
        return found

    def gas(self, call: Any, sender: str | None = None, value: int = 0) -> int:
        """What a call costs by its receipt, refunds taken off."""
        return int(self.rig.send(call, sender, value)["gasUsed"])

    def deploy(self, artifact: dict[str, Any], *arguments: Any) -> tuple[Contract, int]:
        """A contract of somebody else's, and what its creation cost."""
        factory = self.rig.w3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
        receipt = self.rig.send(factory.constructor(*arguments))
        place = receipt["contractAddress"]
        made = cast(Contract, self.rig.w3.eth.contract(address=place, abi=artifact["abi"]))
        return made, int(receipt["gasUsed"])

    def mature(self) -> None:
        """Lets what was credited become payable."""
        self.rig.pass_time(PAYABLE)


@contextmanager
def fresh_bench() -> Iterator[Bench]:
    """A bench over a chain that ends with the block."""
    with local_chain(extra=["--auto-impersonate", "--timestamp", str(START)]) as chain:
        yield Bench(Rig(chain.url))
