"""The audit compares each view of the contracts with the state that it derives from events.

Where the state is proven, the views are not called: see test_audit_proofs.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.auditor import accounts
from scripts.auditor.cli import main
from tests.audit.life import Life, life
from tests.audit.proxy import in_view, lying
from tests.audit.run import Audited, found, runner


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("views")) as found:
        yield found


@pytest.fixture
def wrong(made: Life, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def test_a_chain_with_every_event(
    made: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--rpc", made.url, "--ledger", made.rig.ledger.address, "--ipfs",
             str(made.blocks.root)]
    assert main([*words, "--require", "money"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("== generation") for line in lines) == len(made.made)


def put(place: int, value: Any) -> Callable[[list[Any]], None]:
    def change(values: list[Any]) -> None:
        values[place] = value(values[place]) if callable(value) else value

    return change


def reversed_rows(values: tuple[Any, ...]) -> list[Any]:
    return [*values][::-1]


NOBODY = "0x" + "11" * 20
RECORDING, ACCOUNT = accounts.RECORDING[1].split(","), accounts.ACCOUNT[1].split(",")
SET = ["bool", "bool", "uint16", "uint16", "uint40", "uint40", "uint64"]
ONE, BIT, WHO = ["uint256"], ["bool"], ["address"]
CASE = ["address", "uint40", "uint48", "bool"]
VIEWS: list[tuple[str, list[str], int, Any, str]] = [
    ("recordingCount()", ONE, 0, 9, "recordings: chain says 9, recomputed 5"),
    ("pastConsent(uint32,uint8)", ONE, 0, 7, "recording 2 consent before: chain says 7, recom"),
    ("floors(uint32)", ["uint64[4]"], 0, [9] * 4,
     "recording 3 floors: chain says [9, 9, 9, 9], recomputed [1, 20000, 0, 0]"),
    ("isNodeAllowed(address)", BIT, 0, False, "node 0x"),
    ("paused()", BIT, 0, True, "paused: chain says true, recomputed false"),
    ("count()", ONE, 0, 3, "splits: chain says 3, recomputed 5"),
    ("table(uint32)", ["address[]", "uint32[]"], 1, [1, 2], "split 1: chain says [["),
    ("rows(uint32)", ["(uint8,address,uint32,uint32)[]"], 0, reversed_rows, "split 2: chain says"),
    ("pies(uint32)", ["uint32"] * 3, 2, 7, "split 4: chain says [3, 1, 7], recomputed [3, 1, 600"),
    ("recoupment(uint32)", ["uint32", "address", "uint128", "bytes32"], 2, 7, "split 3: chain "),
    ("recouped(address,uint32)", ONE, 0, 7, "split 3 recouped: chain says 7, recomputed 400000"),
    ("claimedBy(address)", WHO, 0, NOBODY, "claim of 0x"),
    ("parked(address)", ONE, 0, 7, "parked for 0x"),
    ("frozen(bytes32)", ONE, 0, 7, "frozen 0x"),
    ("owed(address)", ONE, 0, 7, "bonds of 0x"),
    *((f"{name}(address)", ONE, 0, lambda amount: amount + 7, "node 0x")
      for name in ("nodeBalance", "nodeDisputable", "nodeSpent")),
    *((accounts.ACCOUNT[0], ACCOUNT, place, lambda amount: amount + 7, f"{name} 0x")
      for place, name in enumerate(("escrow", "protocol fees of", "pool of"))),
    *((accounts.RECORDING[0], RECORDING, place, value, f"recording 1 {name}: chain says ")
      for place, value, name in (
          (0, NOBODY, "owner"), (1, 9, "owner"), (2, 9, "consent"), (3, 9, "consent"),
          (4, 9, "consent"), (5, 9, "consent"), (6, 9, "consent"), (7, 9, "unclaimed"),
          (8, 9, "disputable"))),
    *(("sets(bytes32)", SET, place, value, "set 0x")
      for place, value in enumerate((False, False, 9, 9, 9, 9, 9))),
    *(("cases(bytes32)", CASE, place, value, "case 0x")
      for place, value in enumerate((NOBODY, 9, 9, lambda is_open: not is_open))),
]


@pytest.mark.parametrize(("call", "kinds", "place", "value", "expected"), VIEWS,
                         ids=[f"{row[0].split('(')[0]} {row[2]}" for row in VIEWS])
def test_a_field_that_a_contract_answers(
    made: Life, wrong: Audited, call: str, kinds: list[str], place: int, value: Any, expected: str
) -> None:
    with lying(made.url, in_view(call, kinds, put(place, value))) as url:
        lines = wrong(made.made["late"].id, "--prove", "none", rpc=url)
    assert found(lines, expected), lines


@pytest.mark.parametrize(("holder", "expected"), [
    ("ledger", "token balance: chain says 0, must be at least "),
    ("court", "court 0x"),
])  # fmt: skip
def test_a_token_that_holds_less_than_is_owed(
    made: Life, wrong: Audited, holder: str, expected: str
) -> None:
    with lying(made.url, in_view("balanceOf(address)", ONE, put(0, 0))) as url:
        lines = wrong(made.made["late"].id, rpc=url)
    assert found(lines, expected), lines
