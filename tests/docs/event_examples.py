"""One decoded example of every event, from a real chain on which everything happens once.

python -m tests.docs.event_examples      writes docs/reference/events.json

The chain's clock goes one second a block, so a second run gives the same values. Only hashes that
depend on the hash of a block change with the contracts.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from web3.contract import Contract
from web3.types import EventData, RPCEndpoint

from scripts.reference.events import EXAMPLES, Example, Examples
from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import LedgerFixture
from tests.audit.life import Life

START = 1_800_000_000


class SteadyFixture(LedgerFixture):
    """A ledger on a chain whose clock does not follow the machine's."""

    def pass_time(self, seconds: int) -> None:
        """Mines a block that is `seconds` later than the last."""
        self._ask("evm_setNextBlockTimestamp", self.now() + seconds)
        self._ask("evm_mine")

    def _ask(self, method: str, *params: Any) -> None:
        self.w3.provider.make_request(RPCEndpoint(method), list(params))


class EveryEvent(Life):
    """The chain of the audit's tests, and the events that it lacks."""

    fixture = SteadyFixture

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self._change_a_mind()
        self._skip_one()
        self._accuse_a_quorum()

    def _change_a_mind(self) -> None:
        """A payer asks for its escrow and cancels; grounds are added to the open case."""
        self.rig.fund(self.leaver, 1_000_000)
        self._send("requestExit", by=self.leaver)
        self._send("cancelExit", by=self.leaver)
        made = self.made["open"]
        name = self.rig.ledger.functions.attestationHash
        case = name(self.rig.set, made.struct, made.attestation).call()
        self.rig.send(self.rig.court.functions.addGrounds(case, b"\x08" * 32), self.donor)

    def _skip_one(self) -> None:
        """A batch of two, of which one was settled before."""
        settled = self.settled("before", {3: 1_000_000})
        made = [self.make({3: 500_000, 4: 500_000}), settled]
        orders, stated = [one.order for one in made], [one.attestation for one in made]
        self.rig.send(self.rig.batch([self.payer], orders, stated))

    def _accuse_a_quorum(self) -> None:
        """Two of the oracles sign a second price for one order."""
        first = self.made["third"]
        price = first.attestation["price"] - 1
        second = {**first.attestation, "price": price}
        receipt = (first.order, second, self.quorum(first.struct, second), [])
        court = self.rig.court.functions
        self.rig.send(court.proveEquivocation(self.receipt(first), receipt))


@contextmanager
def every_event(folder: Path) -> Iterator[EveryEvent]:
    with local_chain(extra=["--timestamp", str(START)]) as chain:
        chain.rpc("anvil_setBlockTimestampInterval", 1)
        yield EveryEvent(chain.url, folder)


def plain(value: Any) -> Any:
    """A decoded value as JSON has it: bytes as hex, tuples by name, numbers as they are."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def example(log: EventData, raw: Any) -> Example:
    topics = ["0x" + bytes(topic).hex() for topic in raw["topics"]]
    data = "0x" + bytes(raw["data"]).hex()
    return {"address": log["address"], "topics": topics, "data": data,
            "arguments": plain(dict(log["args"]))}


def examples_of(made: EveryEvent, contract: Contract) -> dict[str, Example]:
    """The first log of every event that the contract emitted."""
    found = {}
    for event in contract.events:
        logs = event.get_logs(from_block=0)
        if logs:
            receipt = made.rig.w3.eth.get_transaction_receipt(logs[0]["transactionHash"])
            [raw] = [log for log in receipt["logs"] if log["logIndex"] == logs[0]["logIndex"]]
            found[logs[0]["event"]] = example(logs[0], raw)
    return found


def examples(folder: Path) -> Examples:
    with every_event(folder) as made:
        rig = made.rig
        places = {"RoyaltyLedger": rig.ledger, "RightsSplits": rig.splits,
                  "DisputeCourt": rig.court, "TrainingPool": rig.pool}
        return {name: examples_of(made, contract) for name, contract in places.items()}


def main() -> None:
    """Writes the examples of a fresh chain."""
    with tempfile.TemporaryDirectory() as folder:
        found = examples(Path(folder))
    EXAMPLES.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
