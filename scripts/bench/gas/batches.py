"""The gas of a batch, for each of its generations.

All features are in use, as in `ours`. Every generation has its own request, manifest and weights,
and uses ten of 200 recordings. All recordings have received credits before.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.bench.gas.chain_bench import Bench, Gas
from scripts.solidity.ledger_fixture import MILLION, key

GENERATIONS = 100
LARGE = 250
RECORDINGS = 200
EACH = 10
PAYERS = 4


def batch_name(count: int, signed: str) -> str:
    """Name of the figure: gas of each of `count` generations in one transaction."""
    return f"settle {EACH} of {RECORDINGS} recordings, each of {count}, {signed}"


SINGLY = "orders signed singly"
SINGLY_MANY = f"orders of {PAYERS} payers"
LISTED = "one signature over the orders"


def weights(ids: Sequence[int], dice: random.Random) -> dict[int, int]:
    """Uneven weights of EACH recordings; they sum to 1,000,000."""
    cuts = sorted(dice.sample(range(1, MILLION), EACH - 1))
    parts = [after - before for before, after in zip([0, *cuts], [*cuts, MILLION], strict=True)]
    return dict(zip(sorted(dice.sample(ids, EACH)), parts, strict=True))


class World:
    """Recordings, a node and payers for batches."""

    def __init__(self, bench: Bench) -> None:
        self.bench, rig = bench, bench.rig
        self.ids = rig.register(RECORDINGS, rig.anyone)
        self.node = key("batch node").address
        rig.send(rig.ledger.functions.allowNode(self.node, True))
        self.payers = [key(f"batch payer {index}") for index in range(PAYERS)]
        for payer in self.payers:
            rig.fund(payer.address, 10_000 * MILLION)
        self.dice = random.Random(1)

    def generations(
        self, payers: Sequence[LocalAccount], count: int
    ) -> tuple[list[Any], list[Any]]:
        """Orders of these payers in turn, and the attestation of each."""
        rig = self.bench.rig
        accounts = rig.ledger.functions.accounts
        nonces = {p.address: accounts(p.address).call().nextNonce for p in payers}
        orders, attestations = [], []
        for index in range(count):
            payer = payers[index % len(payers)].address
            request, manifest = keccak(text=f"request {index}"), keccak(text=f"manifest {index}")
            orders.append(rig.order(payer, nonces[payer], request=request))
            vector = weights(self.ids, self.dice)
            attestations.append(rig.attestation(self.node, vector, manifest=manifest))
            nonces[payer] += 1
        return orders, attestations

    def singly(self, payers: Sequence[LocalAccount], count: int) -> int:
        """Gas of each generation if each order is signed."""
        call = self.bench.rig.batch(payers, *self.generations(payers, count))
        return self.bench.gas(call) // count

    def listed(self, count: int) -> int:
        """Gas of each generation if one payer signs the list of orders."""
        payer = self.payers[0]
        call = self.bench.rig.order_list(payer, *self.generations([payer], count))
        return self.bench.gas(call) // count


def batching(bench: Bench) -> Gas:
    """Batches in which every recording has received credits before."""
    world = World(bench)
    world.singly(world.payers, GENERATIONS)
    return {
        batch_name(GENERATIONS, SINGLY): world.singly(world.payers[:1], GENERATIONS),
        batch_name(GENERATIONS, SINGLY_MANY): world.singly(world.payers, GENERATIONS),
        batch_name(GENERATIONS, LISTED): world.listed(GENERATIONS),
        batch_name(LARGE, LISTED): world.listed(LARGE),
    }
