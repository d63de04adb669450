"""Whose work ours is measured beside, and what is known to differ.

0xSplits has no sources in the package registry. Its figures are quoted: receipts taken once over
the same token with the same compiler settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scripts.gas import merkle, rewards, splitter
from scripts.gas.bench import FIRST, LATER, SIZES, Bench, Gas, settle


@dataclass(frozen=True)
class Peer:
    """Another way of dividing a payment.

    Args:
        name: as figures call it.
        does: what its gas pays for, and what it leaves out.
        measure: its gas by the names of the figures that ours have.
    """

    name: str
    does: str
    measure: Callable[[Bench], Gas]


def quoted(later: tuple[int, int, int], first: int) -> Callable[[Bench], Gas]:
    """Known figures: recipients with balances by SIZES, and 100 that were never paid."""
    found = {settle(size, LATER): gas for size, gas in zip(SIZES, later, strict=True)}
    return lambda _: {settle(100, FIRST): first, **found}


SPLITS = Peer(
    "0xSplits v2 Pull (quoted)",
    "distribute: one payment into the warehouse's balances. No signatures, no consent, no fees of "
    "a node; recipients come in calldata and must hash to what the split was made with.",
    quoted((85_000, 160_000, 1_008_000), 2_760_000),
)
SPLITS_V1 = Peer(
    "0xSplits v1 (quoted)",
    "distributeERC20: one payment into balances of SplitMain. No signatures, no consent.",
    quoted((68_000, 122_000, 723_000), 2_430_000),
)
WAREHOUSE = Peer(
    "0xSplits warehouse (quoted)",
    "batchDeposit: the sender says who gets how much, and nobody checks it.",
    quoted((59_000, 127_000, 898_000), 2_610_000),
)
REWARDS = Peer(
    "Zora protocol-rewards",
    "depositBatch, and withdraw by each recipient. Ether, not a token, so that paying out writes "
    "no token's balances; the sender says who gets how much, and nobody checks it. Compiled here, "
    "its pragma set to our compiler.",
    rewards.measure,
)
SPLITTER = Peer(
    "OpenZeppelin PaymentSplitter",
    "A transfer into a splitter of 4.9.6 that stands already, and one release for each payee, a "
    "transaction each. Payees and shares can never change. Compiled here.",
    splitter.measure,
)
MERKLE = Peer(
    "Uniswap merkle-distributor",
    "A distributor deployed for the payment, a transfer into it, and one claim with its proof for "
    "each payee, a transaction each. Shipped bytecode of solc 0.6.11; the package has no sources.",
    merkle.measure,
)

PEERS = (SPLITS, SPLITS_V1, WAREHOUSE, REWARDS, SPLITTER, MERKLE)
