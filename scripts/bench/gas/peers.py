"""The peers of the benchmark, and how their work differs from the ledger's.

0xSplits has no sources in the package registry. Its figures are quoted from receipts that were
taken once, with the same token and the same compiler settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scripts.bench.gas import merkle, rewards, splitter
from scripts.bench.gas.chain_bench import FIRST, LATER, SIZES, Bench, Gas, settle


@dataclass(frozen=True)
class Peer:
    """Another contract that divides payments.

    Args:
        name: its name in figures.
        does: what its gas pays for, and what it does not do.
        measure: measures its gas, under the names of this project's figures.
    """

    name: str
    does: str
    measure: Callable[[Bench], Gas]


def quoted(later: tuple[int, int, int], first: int) -> Callable[[Bench], Gas]:
    """Quoted figures: recipients with balances, by SIZES, and 100 recipients without."""
    found = {settle(size, LATER): gas for size, gas in zip(SIZES, later, strict=True)}
    return lambda _: {settle(100, FIRST): first, **found}


SPLITS = Peer(
    "0xSplits v2 Pull (quoted)",
    "The function distribute: one payment into the warehouse's balances. It checks no signatures "
    "and no consent, and pays no fee to a node. The caller sends the recipients; their hash must "
    "be the one that the split stores.",
    quoted((85_000, 160_000, 1_008_000), 2_760_000),
)
SPLITS_V1 = Peer(
    "0xSplits v1 (quoted)",
    "The function distributeERC20: one payment into balances of SplitMain. It checks no signatures "
    "and no consent.",
    quoted((68_000, 122_000, 723_000), 2_430_000),
)
WAREHOUSE = Peer(
    "0xSplits warehouse (quoted)",
    "The function batchDeposit. The sender names the amounts, and nothing checks them.",
    quoted((59_000, 127_000, 898_000), 2_610_000),
)
REWARDS = Peer(
    "Zora protocol-rewards",
    "The function depositBatch, and withdraw by each recipient. It pays ether, so it writes no "
    "token balances. The sender names the amounts, and nothing checks them. This project compiles "
    "it, with a changed pragma.",
    rewards.measure,
)
SPLITTER = Peer(
    "OpenZeppelin PaymentSplitter",
    "A transfer into a deployed splitter of 4.9.6, and one release for each payee, each in its own "
    "transaction. Payees and shares can never change. This project compiles it.",
    splitter.measure,
)
MERKLE = Peer(
    "Uniswap merkle-distributor",
    "Deployment of a distributor for the payment, a transfer into it, and one claim with a proof "
    "for each payee, each in its own transaction. The package contains bytecode of solc 0.6.11 and "
    "no sources.",
    merkle.measure,
)

PEERS = (SPLITS, SPLITS_V1, WAREHOUSE, REWARDS, SPLITTER, MERKLE)
