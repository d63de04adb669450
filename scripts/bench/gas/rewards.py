"""Zora protocol-rewards: an escrow of ether that credits recipients, who then withdraw.

The contract of 1.2.1 is identical to that of 1.3.0, but the later package depends on repositories
that are in no registry. It moves ether, not a token, so it writes no token balances.
"""

from __future__ import annotations

from web3.contract import Contract

from scripts.bench.gas.chain_bench import (
    FIRST,
    LATER,
    PRICE,
    SIZES,
    WITHDRAW_ONE,
    Bench,
    Gas,
    even_amounts,
    pay_out,
    settle,
)
from scripts.bench.gas.sources import compiled

SOURCE = "@zoralabs/protocol-rewards/src/ProtocolRewards.sol"
NO_REASON = bytes(4)
EVERYTHING = 0


def deposit(bench: Bench, rewards: Contract, payees: list[str]) -> int:
    """The gas of crediting each payee with its part of PRICE wei."""
    amounts, reasons = even_amounts(len(payees)), [NO_REASON] * len(payees)
    call = rewards.functions.depositBatch(payees, amounts, reasons, "")
    return bench.gas(call, value=PRICE)


def withdraw(bench: Bench, rewards: Contract, payees: list[str]) -> list[int]:
    """The gas of each payee's full withdrawal; a balance that becomes zero gets a refund."""
    return [bench.gas(rewards.functions.withdraw(p, EVERYTHING), p) for p in payees]


def measure(bench: Bench) -> Gas:
    """Crediting, with and without paying out, by number of payees, and one withdrawal."""
    found, artifact = Gas(), compiled(SOURCE, "ProtocolRewards")
    rewards, _ = bench.deploy(artifact)
    for size in SIZES:
        payees = bench.payees("rewarded", size)
        for when in (FIRST, LATER):
            found[settle(size, when)] = deposit(bench, rewards, payees)
            spent = withdraw(bench, rewards, payees)  # leaves each balance at zero again
            found[pay_out(size, when)] = found[settle(size, when)] + sum(spent)
        found.setdefault(WITHDRAW_ONE, spent[-1])
        deposit(bench, rewards, payees)
        found[settle(size, LATER)] = deposit(bench, rewards, payees)
    return found
