"""Each test falsifies one event about money, sets, cases or rounds; a verdict names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.audit.life import Life, life
from tests.audit.proxy import (
    Alter,
    in_log,
    in_view,
    lying,
    more,
    moved,
    setting,
    twice,
    without,
)
from tests.audit.run import Audited, runner


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("movements")) as found:
        yield found


@pytest.fixture
def wrong(made: Life, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


NOBODY = "0x" + "11" * 20
OTHER = "0x" + "12" * 32


def plus(amount: int) -> Any:
    return lambda before: before + amount


def first_plus(amount: int) -> Any:
    return lambda before: [before[0] + amount, *before[1:]]


def falsified(event: str, which: int = -1, **values: Any) -> Alter:
    return in_log(event, setting(**values), which)


MONEY = [
    (falsified("Swept", protocolFees=plus(7)), "fees swept of {payer} in "),
    (falsified("Swept", pool=plus(7)), "pool swept of {payer} in "),
    (falsified("Exited", amount=plus(7)), "exit of {leaver} in "),
    (falsified("ExitRequested", until=1), "exit of {leaver} in ... time: chain says at "),
    (falsified("Parked", amount=plus(7)), "parked for {teo} in "),
    (falsified("ParkedWithdrawn", amount=plus(7)), "collected of {teo} in "),
    (falsified("Accrued", amount=plus(7)), "accrued for {claim} in "),
    (without("Accrued", 0), "payout of recording 4 accrued in ...: chain says []"),
    (falsified("ClaimedWithdrawn", amount=plus(7)), "claimed of {claim} in "),
    (falsified("ClaimedWithdrawn", to=NOBODY), "claim of {claim} in ...: chain says 0x1111"),
    (falsified("NodeWithdrawn", amount=plus(7)), "payout of node {fees} in "),
    (falsified("NodeWithdrawn", 0, amount=plus(7)), "payout of node {node} in "),
    (falsified("Withdrawn", 0, amount=plus(7)), "payout of recording 1 matured in "),
    (falsified("Withdrawn", 0, payee=NOBODY), "payout of recording 1 in ...: chain says [[\"0x11"),
    (falsified("WithdrawnMany", 0, amounts=first_plus(7)), "payout of recording 2 matured in "),
    (falsified("WithdrawnMany", 0, payee=NOBODY), "payout of recording 2 in ...: chain says [["),
    (falsified("Recouped", amount=plus(7)), "payout of recording 4 recouped in "),
    (falsified("Recouped", 0, split=9), "payout of recording 4 recouped in "),
    (without("Recouped", 0), "payout of recording 4 recouped in ...: chain says []"),
    (falsified("RecoupmentCreated", amount=7), "payout of recording 4 in "),
    (falsified("TableCreated", 0, shares=lambda old: [*old[::-1]]), "payout of recording 4 in "),
    (falsified("PiesCreated", masterShare=7), "payout of recording 4 in "),
    (falsified("Claimed", to=NOBODY), "claim of {claim}: chain says {found}, recomputed 0x1111"),
    (falsified("Rewarded", each=plus(7)), "recording 1 unclaimed: chain says "),
    (falsified("Assigned", owner=NOBODY), "recording 5 taken in ...: chain says 0x1111"),
    (without("Offered", 0), "recording 5 taken in ...: chain says {heir}, recomputed offered to n"),
    (falsified("Frozen", amount=plus(7)), "frozen in "),
    (falsified("Frozen", 0, order=OTHER), "frozen order in ...: chain says 0x1212"),
    (falsified("Released", 0, amount=plus(7)), "released of 0x"),
    (falsified("Released", 0, reversed=False), "escrow {payer}: chain says "),
    (in_view("window()", ["uint256"], lambda values: values.__setitem__(0, values[0] * 9)),
     "payout of recording 1 matured in ...: chain says "),
    (falsified("Amended", uses=1), "recording 2 consent: chain says "),
    (falsified("FloorsSet", perSecond=[7] * 4), "recording 3 floors: chain says "),
]  # fmt: skip

SETS = [
    (falsified("SetActivated", signers=lambda old: old[:1]), "set {second} signers: chain says "),
    (falsified("SetActivated", terms=(1, 2, 3, 4)), "set {second} proposed: chain says "),
    (without("SetProposed"), "set {second} proposed: chain says ...recomputed never proposed"),
    (moved("SetProposed", "SetActivated"), "set {second} waited: chain says 0, must be at"),
    (without("SetRemoved"), "set {second}: chain says [false, true"),
    (without("NodeAllowed"), "node {label} allowed: chain says false, recomputed true"),
    (without("Unpaused"), "paused: chain says false, recomputed true"),
]  # fmt: skip

CASES = [
    (falsified("Challenged", 0, frozen=plus(7)), "challenged in ... frozen: chain says "),
    (falsified("Challenged", 0, deadline=plus(7)), "challenged in ... deadline: chain says "),
    (falsified("Challenged", 0, bond=plus(7)), "challenged in ... bond: chain says 50000007, must"),
    (twice("Challenged"), "challenged in ... again: chain says true, recomputed false"),
    (without("Challenged", 0), "frozen 0x... case: chain says 0x"),
    (without("Challenged", 0), "ruled in ...: malformed: KeyError"),
    (without("Ruled", 0), "released 0x... case: chain says 0x"),
    (twice("Ruled"), "ruled in ... open: chain says true, recomputed false"),
    (falsified("Ruled", 0, bondTo=NOBODY), "ruled in ... bond: chain says [\"0x1111"),
    (falsified("Ruled", 0, bond=plus(7)), "ruled in ... bond: chain says [\"0x"),
    (falsified("Ruled", 0, reversed=False), "ruled in ... released: chain says true, recomputed f"),
    (falsified("Challenged", 0, deadline=5), "ruled in ... time: chain says at "),
    (falsified("Challenged", 2, deadline=2**39), "lapsed in ... time: chain says at "),
    (falsified("Lapsed", bondTo=NOBODY), "lapsed in ... bond: chain says [\"0x1111"),
    (falsified("BondWithdrawn", amount=plus(7)), "bond withdrawn in ... amount: chain says "),
    (more("BondWithdrawn", {"owner": NOBODY, "to": NOBODY, "amount": 5}, "BondWithdrawn"),
     "bonds of 0x1111"),
]  # fmt: skip

ROUNDS = [
    (falsified("RoundOpened", at=plus(1)), "pool round 1 opened in ... at: chain says "),
    (falsified("RoundOpened", last=plus(1)), "pool round 1 opened in ... last: chain says 6"),
    (falsified("RoundOpened", amount=1), "pool round 1 opened in ... amount: chain says 1, must "),
    (falsified("Counted", members=plus(1)), "pool round 1 counted in ... members: chain says "),
    (falsified("Divided", share=plus(1)), "pool round 1 divided in ...: chain says ["),
    (falsified("Divided", rest=plus(1)), "pool round 1 divided in ...: chain says ["),
    (falsified("Paid", number=plus(1)), "pool round 1 paid in ... number: chain says "),
    (falsified("Rewarded", 0, each=plus(1)), "pool round 1 paid in ... each: chain says "),
    (falsified("Rewarded", 0, recordings=[3]), "pool round 1 paid in ... each: chain says 0, rec"),
    (without("Paid", 0), "pool round 1 closed in ... paid: chain says ["),
]  # fmt: skip


def names(made: Life) -> dict[str, str]:
    found = {name: value for name, value in vars(made).items() if isinstance(value, str)}
    second = "0x" + made.second.hex()
    return {**found, "payer": made.payer.address, "claim": made.claim.address, "second": second}


@pytest.mark.parametrize(("alter", "expected"), [*MONEY, *SETS, *CASES, *ROUNDS],
                         ids=lambda value: value if isinstance(value, str) else "")
def test_an_event(made: Life, wrong: Audited, alter: Alter, expected: str) -> None:
    start, *rest = expected.format(**names(made)).split("...")
    with lying(made.url, alter) as url:
        lines = wrong(made.made["late"].id, rpc=url)
    said = [line.split(" ", 1)[1] for line in lines]
    fits = [line for line in said if line.startswith(start) and all(part in line for part in rest)]
    assert fits, lines
