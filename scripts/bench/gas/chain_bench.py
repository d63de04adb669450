"""The chain for measurements, and the names of figures.

A measurement is a function from `Bench` to gas by name. Figures of ours and of a peer are compared
if they have the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from web3.contract import Contract
from web3.types import RPCEndpoint

from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import DAY, WINDOW, LedgerFixture, key

Gas = dict[str, int]

SIZES = (2, 10, 100)
FIRST, LATER, FRESH = "first", "later", "first of an epoch"
WITHDRAW_ONE = "withdraw one, used"
PRICE = 1_234_567

# After this time every credit is payable: the rest of its window and the whole next one.
PAYABLE = 2 * WINDOW + DAY
# A fixed start gives the same signatures, and so the same calldata, in every run.
START = 1_750_000_000
ETHER = 10**18


def settle(size: int, when: str) -> str:
    """Name of the figure: gas of dividing one payment among `size` recipients."""
    return f"settle {size} {when}"


def pay_out(size: int, when: str) -> str:
    """Name of the figure: gas of dividing one payment among `size` recipients and paying each."""
    return f"settle and pay out {size} {when}"


def even_amounts(count: int) -> list[int]:
    """PRICE in nearly equal parts."""
    part, rest = divmod(PRICE, count)
    return [part + (index < rest) for index in range(count)]


class Bench:
    """A ledger on its own chain, and unused accounts."""

    def __init__(self, rig: LedgerFixture) -> None:
        self.rig = rig
        # The payer of a peer keeps some money, because a balance that becomes zero gets a refund.
        rig.send(rig.token.functions.mint(rig.admin, 1_000 * PRICE))

    def _rpc(self, method: str, *arguments: Any) -> None:
        self.rig.w3.provider.make_request(RPCEndpoint(method), list(arguments))

    def payees(self, kind: str, count: int) -> list[str]:
        """Accounts without tokens, for which the chain accepts transactions without a key."""
        found = [str(key(f"{kind} {index} of {count}").address) for index in range(count)]
        for address in found:
            self._rpc("anvil_setBalance", address, hex(ETHER))
        return found

    def gas(self, call: Any, sender: str | None = None, value: int = 0) -> int:
        """Gas of a call from its receipt, after refunds."""
        return int(self.rig.send(call, sender, value)["gasUsed"])

    def deploy(self, artifact: dict[str, Any], *arguments: Any) -> tuple[Contract, int]:
        """Deploy a contract of a peer; return it and the gas of its creation."""
        factory = self.rig.w3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
        receipt = self.rig.send(factory.constructor(*arguments))
        place = receipt["contractAddress"]
        made = cast(Contract, self.rig.w3.eth.contract(address=place, abi=artifact["abi"]))
        return made, int(receipt["gasUsed"])

    def mature(self) -> None:
        """Wait until all credits are payable."""
        self.rig.pass_time(PAYABLE)


@contextmanager
def fresh_bench() -> Iterator[Bench]:
    """A bench on a new chain that ends with the block."""
    with local_chain(extra=["--auto-impersonate", "--timestamp", str(START)]) as chain:
        yield Bench(LedgerFixture(chain.url))
