"""A contract that forwards calls to the ledger, and what a test sends through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from web3.contract import Contract

from scripts.solidity.compile import artifact, run_solc, standard_input
from scripts.solidity.ledger_fixture import LedgerFixture
from scripts.solidity.toolchain import solc

SOURCE = Path(__file__).with_name("Forwarder.sol")


class Forwarder:
    """A deployed Forwarder. A `call` is one of web3, with a contract and arguments."""

    def __init__(self, rig: LedgerFixture) -> None:
        made = run_solc(standard_input({SOURCE.name: SOURCE.read_text()}), solc())
        found = artifact(made["contracts"][SOURCE.name]["Forwarder"])
        self.rig, self._direct = rig, rig.send
        factory = rig.w3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
        place = rig.send(factory.constructor())["contractAddress"]
        self.contract: Contract = rig.w3.eth.contract(address=place, abi=found["abi"])

    def send(self, *calls: Any, may_fail: bool = False) -> None:
        """Makes all calls in one transaction."""
        rows = [(call.address, data_of(call), may_fail) for call in calls]
        self._direct(self.contract.functions.forward(rows))

    @contextmanager
    def in_front(self) -> Iterator[None]:
        """Everything that the fixture sends goes through this contract."""
        self.rig.send = lambda call, *_: self.send(call)  # type: ignore[method-assign,assignment]
        yield
        self.rig.send = self._direct  # type: ignore[method-assign]

    def undone(self, call: Any) -> Any:
        """The call of a call that succeeds and is undone."""
        return self.contract.functions.undo(call.address, data_of(call))

    def borrowed(self, call: Any) -> Any:
        """The call that runs a contract's code on the forwarder's own storage."""
        return self.contract.functions.borrow(call.address, data_of(call))


def data_of(call: Any) -> bytes:
    plain = {"gas": 1, "gasPrice": 1, "nonce": 0, "chainId": 31337}  # else the node is asked
    return bytes.fromhex(call.build_transaction(plain)["data"][2:])
