"""OpenZeppelin 4.9 PaymentSplitter: payees and shares are fixed at deployment.

It does not divide a payment when it arrives. A separate transaction computes and sends each payee's
part; anyone may send it.
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
    pay_out,
)
from scripts.bench.gas.sources import compiled

SOURCE = "openzeppelin-4/finance/PaymentSplitter.sol"


def pay(bench: Bench, splitter: Contract, payees: list[str]) -> list[int]:
    """The gas of paying PRICE into it, and of releasing each payee's part."""
    token = bench.rig.token
    calls = [token.functions.transfer(splitter.address, PRICE)]
    calls += [splitter.functions.release(token.address, payee) for payee in payees]
    return [bench.gas(call) for call in calls]


def measure(bench: Bench) -> Gas:
    """Dividing and paying out by number of payees, deployment not counted, and one release."""
    found, artifact = Gas(), compiled(SOURCE, "PaymentSplitter")
    for size in SIZES:
        payees = bench.payees("released", size)
        splitter, _ = bench.deploy(artifact, payees, [1] * size)
        for when in (FIRST, LATER):
            spent = pay(bench, splitter, payees)
            found[pay_out(size, when)] = sum(spent)
        found.setdefault(WITHDRAW_ONE, spent[-1])
    return found
