"""Questions to contracts that need no key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Reverted
from oracle.domain.errors import Inconsistent


class Reader:
    """Asks contracts through `rpc`."""

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc

    def ask(self, contract: Contract, name: str, *args: Any, block: int | None = None) -> Any:
        """What a function of a contract returns, at the end of a block (default: the newest).

        Raises:
            Inconsistent: the contract refuses; carries its own error and the numbers in it.
        """
        data = contract.encode(name, *args)
        with refusing(contract, name):
            return contract.result(name, self.rpc.call(contract.address, data, block))


@contextmanager
def refusing(contract: Contract, name: str) -> Iterator[None]:
    """Turns a revert into Inconsistent with the contract's own error and the numbers in it."""
    try:
        yield
    except Reverted as error:
        reason = contract.error(error.data)
        raise Inconsistent(f"the contract refuses {name}", value=reason) from None
