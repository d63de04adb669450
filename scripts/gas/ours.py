"""What our own functions cost, each group of figures a function of its own.

Everything is on: two of three signatures, an order signed by a key, node's fee and protocol's fee,
consent, uses, largest share. One transaction each, mined at once. *First* credits recordings and
pays payees that never had anything, *later* ones that did; *first of an epoch* is the first of
later ones after a dispute epoch has ended, which moves what the words hold along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.gas.batches import batching
from scripts.gas.bench import (
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
from scripts.rig import MILLION, even_weights, key

REGISTERED = 50
FURTHER = 10


def settler(bench: Bench, name: str, owners: list[str]) -> tuple[Callable[[], int], list[int]]:
    """A function that settles once over recordings of these owners, giving its gas; their ids.

    Payer and node are its own, so that no measure finds a word that another has warmed or filled.
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
    """One settlement, and one with the payment of all it credited, by number of recordings."""
    found: Gas = {}
    for size in SIZES:
        once, ids = settler(bench, str(size), bench.payees("owner", size))
        everything = bench.rig.ledger.functions.withdrawMany(ids)
        found[settle(size, FIRST)] = once()
        bench.mature()
        found[pay_out(size, FIRST)] = found[settle(size, FIRST)] + bench.gas(everything)
        once()
        bench.mature()  # and nothing is withdrawn, for that would move the words along
        found[settle(size, FRESH)] = once()
        found[settle(size, LATER)] = once()
        bench.mature()
        found[pay_out(size, LATER)] = found[settle(size, LATER)] + bench.gas(everything)
    return found


def withdrawing(bench: Bench) -> Gas:
    """Paying the owner of recordings, who already holds some of the token."""
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
    """Registering recordings in one transaction, and revoking one and then the rest."""
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
    """Paying into an escrow that holds something already."""
    payer = bench.payees("funder", 1)[0]
    bench.rig.fund(payer, MILLION)
    return {"fund later": int(bench.rig.fund(payer, MILLION)["gasUsed"])}


GROUPS: tuple[Callable[[Bench], Gas], ...] = (
    settling, withdrawing, registering, funding, batching,
)  # fmt: skip


def measure(bench: Bench) -> Gas:
    """All groups, by name."""
    return {name: gas for group in GROUPS for name, gas in group(bench).items()}
