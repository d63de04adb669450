"""Gas of settling and paying out, from receipts on Anvil, beside goals and peers.

`python -m scripts.bench.gas [--json FILE]` prints a table; FILE gets, for each figure,
`{"ours", "peer", "ratio", "goal", "holds"}`: gas of ours, of the peer (null where there is none),
ours / peer, the goal (null where there is none), and whether ours is at most the goal, or at most
the peer where there is no goal.

Everything is on: two of three signatures, an order signed by a key, node's fee and protocol's fee,
consent, uses, largest share. One transaction each, mined at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from web3.types import RPCEndpoint

from scripts import peers
from scripts.chain import local_chain
from scripts.figures import Figure, show, write
from scripts.rig import MILLION, Rig, even_weights, key

SIZES = (2, 10, 100)
GOALS = {2: 80_000, 10: 135_000, 100: 730_000}
PRICE = 1_234_567
ETHER = 10**18


class Bench:
    """Measures over one chain; each size has payees, recordings, a payer and a node of its own."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.splitter = peers.payment_splitter()

    def _rpc(self, method: str, *arguments: Any) -> None:
        self.rig.w3.provider.make_request(RPCEndpoint(method), list(arguments))

    def payees(self, kind: str, count: int) -> list[str]:
        """Accounts that hold no token yet, which the chain lets send without a key."""
        found = [str(key(f"{kind} {index} of {count}").address) for index in range(count)]
        for address in found:
            self._rpc("anvil_setBalance", address, hex(ETHER))
        return found

    def settler(self, size: int, owners: list[str]) -> tuple[Callable[[], int], list[int]]:
        """A function that settles once over recordings of their own owners, giving its gas."""
        rig, payer, node = self.rig, key(f"payer {size}"), key(f"node {size}").address
        ids = [rig.register(1, owner)[0] for owner in owners]
        rig.send(rig.ledger.functions.allowNode(node, True))
        rig.fund(payer.address, 100 * MILLION)

        def settle() -> int:
            nonce = rig.ledger.functions.accounts(payer.address).call().nextNonce
            given = rig.attestation(node, even_weights(ids), price=PRICE)
            call = rig.settlement(payer, rig.order(payer.address, nonce), given)
            return int(rig.send(call)["gasUsed"])

        return settle, ids

    def split(self, size: int) -> Callable[[], int]:
        """A function that pays PRICE into a PaymentSplitter and releases it to every payee."""
        rig, payees = self.rig, self.payees("released", size)
        factory = rig.w3.eth.contract(abi=self.splitter["abi"], bytecode=self.splitter["bytecode"])
        place = rig.send(factory.constructor(payees, [1] * size))["contractAddress"]
        splitter = rig.w3.eth.contract(address=place, abi=self.splitter["abi"])
        rig.send(rig.token.functions.mint(rig.admin, 100 * PRICE))

        def pay() -> int:
            calls = [rig.token.functions.transfer(place, PRICE)]
            calls += [splitter.functions.release(rig.token.address, payee) for payee in payees]
            return sum(int(rig.send(call)["gasUsed"]) for call in calls)

        return pay

    def size(self, size: int) -> list[Figure]:
        """The figures of one number of recordings."""
        settle, ids = self.settler(size, self.payees("owner", size))
        split = self.split(size)
        first, out_first = settle(), self.gas(self.rig.ledger.functions.withdrawMany(ids))
        second, out_second = settle(), self.gas(self.rig.ledger.functions.withdrawMany(ids))
        later, goal = settle(), GOALS[size]
        return [
            Figure(f"settle {size} first", first, goal, peer=peers.QUOTED_FIRST.get(size)),
            Figure(f"settle {size} later", later, goal, peer=peers.QUOTED_LATER[size]),
            Figure(f"settle and pay out {size} first", first + out_first, peer=split()),
            Figure(f"settle and pay out {size} later", second + out_second, peer=split()),
        ]

    def gas(self, call: Any, sender: str | None = None) -> int:
        return int(self.rig.send(call, sender)["gasUsed"])

    def others(self) -> list[Figure]:
        """What else people pay for; no peer does the same."""
        rig, owner = self.rig, self.payees("other", 1)[0]
        rows = [rig.registration(owner, index, {}) for index in range(50)]
        batch = self.gas(rig.ledger.functions.registerBatch(rows), owner)
        one = rig.ledger.functions.recordingCount().call()
        revoke = self.gas(rig.ledger.functions.revoke(one), owner)
        rig.fund(owner, MILLION)
        fund = int(rig.fund(owner, MILLION)["gasUsed"])
        return [
            Figure("register, each of 50", batch // 50),
            Figure("revoke", revoke),
            Figure("fund later", fund),
        ]


def measure() -> list[Figure]:
    """All figures, on a chain of their own."""
    with local_chain(extra=["--auto-impersonate"]) as chain:
        bench = Bench(Rig(chain.url))
        figures = bench.others()
        for size in SIZES:
            figures += bench.size(size)
        return figures


def main() -> None:
    """Measure, print, and write the figures where asked."""
    parser = argparse.ArgumentParser(description="Gas of settling and paying out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    figures = measure()
    show(figures)
    print("peer of 'settle': 0xSplits v2 Pull, without signatures or consent (quoted)")
    print("peer of 'settle and pay out': OpenZeppelin 4.9 PaymentSplitter (run here)")
    write(figures, options.json)


if __name__ == "__main__":
    main()
