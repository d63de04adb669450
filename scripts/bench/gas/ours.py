"""The gas of the ledger's functions; one function for each group of figures.

All features are in use: two of three signatures, an order signed by a key, node's fee and
protocol's fee, consent, uses, largest share. Each measurement is one transaction, mined at once.
*First* credits recordings and pays payees that never received anything, *later* those that did.
*First of an epoch* is the first later one after the end of a dispute epoch, which updates the
amounts in the recordings' words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.bench.gas.batches import batching
from scripts.bench.gas.chain_bench import (
    FIRST,
    FRESH,
    LATER,
    PRICE,
    SIZES,
    WITHDRAW_ONE,
    Bench,
    Gas,
    pay_out,
    settle,
)
from scripts.solidity.ledger_fixture import MILLION, even_weights, key

REGISTERED = 50
FURTHER = 10


def settler(bench: Bench, name: str, owners: list[str]) -> tuple[Callable[[], int], list[int]]:
    """A function that settles once over recordings of these owners and returns its gas; their ids.

    It has its own payer and node, so that no measurement uses storage that another one has written.
    """
    rig, payer, node = bench.rig, key(f"payer {name}"), key(f"node {name}").address
    ids = [rig.register(1, owner)[0] for owner in owners]
    rig.send(rig.ledger.functions.allowNode(node, True))
    rig.fund(payer.address, 100 * MILLION)

    def once() -> int:
        nonce = rig.ledger.functions.accounts(payer.address).call().nextNonce
        given = rig.attestation(node, even_weights(ids), price=PRICE)
        return bench.gas(rig.settlement(payer, rig.order(payer.address, nonce), given))

    return once, ids


def settling(bench: Bench) -> Gas:
    """One settlement, without and with the payment of all that it credits, by recordings."""
    found: Gas = {}
    for size in SIZES:
        once, ids = settler(bench, str(size), bench.payees("owner", size))
        everything = bench.rig.ledger.functions.withdrawMany(ids)
        found[settle(size, FIRST)] = once()
        bench.mature()
        found[pay_out(size, FIRST)] = found[settle(size, FIRST)] + bench.gas(everything)
        once()
        bench.mature()  # without a withdrawal, which would update the words
        found[settle(size, FRESH)] = once()
        found[settle(size, LATER)] = once()
        bench.mature()
        found[pay_out(size, LATER)] = found[settle(size, LATER)] + bench.gas(everything)
    return found


def withdrawing(bench: Bench) -> Gas:
    """Payment to the owner of recordings, who already holds some of the token."""
    ledger = bench.rig.ledger.functions
    once, ids = settler(bench, "withdrawing", bench.payees("withdrawer", 1) * (1 + FURTHER))

    def paid(*calls: Any) -> list[int]:
        once()
        bench.mature()
        return [bench.gas(call) for call in calls]

    paid(ledger.withdrawMany(ids))
    one, _ = paid(ledger.withdraw(ids[0]), ledger.withdrawMany(ids[1:]))
    [many] = paid(ledger.withdrawMany(ids))
    return {WITHDRAW_ONE: one, "withdraw each further, same owner": (many - one) // FURTHER}


def registering(bench: Bench) -> Gas:
    """Registration of recordings in one transaction; revocation of one, then of the rest."""
    rig, owner = bench.rig, bench.payees("registrant", 1)[0]
    batch = bench.gas(rig.registration(REGISTERED), owner)
    last = rig.ledger.functions.recordingCount().call()
    revoke = bench.gas(rig.ledger.functions.revoke(last), owner)
    others = list(range(last - REGISTERED + 1, last))
    many = bench.gas(rig.ledger.functions.revokeMany(others), owner)
    return {
        f"register, each of {REGISTERED}": batch // REGISTERED,
        "revoke": revoke,
        "revokeMany, each": many // len(others),
    }


def funding(bench: Bench) -> Gas:
    """Payment into an escrow that is not empty."""
    payer = bench.payees("funder", 1)[0]
    bench.rig.fund(payer, MILLION)
    return {"fund later": int(bench.rig.fund(payer, MILLION)["gasUsed"])}


GROUPS: tuple[Callable[[Bench], Gas], ...] = (
    settling, withdrawing, registering, funding, batching,
)  # fmt: skip


def measure(bench: Bench) -> Gas:
    """All groups, by name."""
    return {name: gas for group in GROUPS for name, gas in group(bench).items()}
