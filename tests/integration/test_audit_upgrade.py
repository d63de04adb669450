"""Upgrades, floors, caps and disputes: the conditions beyond the signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.auditor.events import LEDGER_EVENTS
from tests.audit.life import Life, life
from tests.audit.proxy import (
    Alter,
    in_calldata,
    in_log,
    lying,
    more,
    setting,
    when,
    without,
)
from tests.audit.run import Audited, found, runner


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("upgrade")) as found:
        yield found


@pytest.fixture
def wrong(made: Life, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def put(*path: Any) -> Callable[[list[Any]], None]:
    """Sets the last argument at the path that the others are, in tuples within tuples."""

    def changed(whole: Any, place: int, *rest: Any) -> Any:
        value = rest[0] if len(rest) == 1 else changed(whole[place], *rest)
        return [*whole[:place], value, *whole[place + 1:]]

    def change(values: list[Any]) -> None:
        values[:] = changed(values, *path)

    return change


OTHER = b"\x12" * 32
ENTRIES = bytes.fromhex("00000001000f4240")
UPGRADES: list[tuple[Alter, str]] = [
    (in_log("Upgraded", setting(original="0x" + OTHER.hex())), "upgrade request: chain says 0x12"),
    (in_log("Upgraded", setting(original="0x" + OTHER.hex())), "upgrade original: chain says 0x1"),
    (without("Settled", 0), "upgrade original: chain says 0x"),
    (in_calldata(put(0, 0, 1, 99), "upgrade"), "upgrade receipt: chain says 0x"),
    (in_calldata(put(0, 1, 0, 99), "upgrade"), "upgrade receipt: chain says 0x"),
    (in_calldata(put(1, 4, 0), "upgrade"), "upgrade tier: order says 0, must be above 0"),
    (in_calldata(put(1, 2, OTHER), "upgrade"), "upgrade request: chain says 0x"),
    (in_calldata(put(3, 4, ENTRIES), "upgrade"), "upgrade entries: chain says 0x"),
    (in_calldata(put(3, 5, OTHER), "upgrade"), "upgrade manifest: chain says 0x"),
    (in_calldata(put(1, 5, 1), "upgrade"), "order use: chain says 1, must be 5"),
    (in_calldata(put(3, 3, 5), "upgrade"), "consent[1] window: chain says "),
    (in_log("FloorsSet", setting(perSecond=[0, 10**9, 0, 0])),
     "royalty floor: chain says 1080247, must be at least 4998919753: 5 seconds at 1000000000"),
]  # fmt: skip


@pytest.mark.parametrize(("alter", "expected"), UPGRADES, ids=[row[1][:40] for row in UPGRADES])
def test_a_field_of_an_upgrade(made: Life, wrong: Audited, alter: Alter, expected: str) -> None:
    with lying(made.url, alter) as url:
        lines = wrong(made.made["upgrade"].id, rpc=url)
    assert found(lines, expected), lines


def test_an_upgrade_that_is_not_announced(made: Life, wrong: Audited) -> None:
    """Without the event, the audit compares the manifest as if it were the upgrade's own."""
    with lying(made.url, without("Upgraded")) as url:
        lines = wrong(made.made["upgrade"].id, rpc=url)
    assert found(lines, "manifest.generation: chain says ")
    assert found(lines, "upgraded: chain says false, recomputed true")


def test_an_upgrade_that_was_none(made: Life, wrong: Audited) -> None:
    first = made.made["first"]
    event = {"order": made.made["second"].id, "original": first.id}
    with lying(made.url, more("Upgraded", event, "Settled")) as url:
        lines = wrong(made.made["second"].id, rpc=url)
    assert found(lines, "upgrade receipt: chain says 0x")
    assert found(lines, "upgraded: chain says true, recomputed false")


def test_a_royalty_below_a_floor(made: Life, wrong: Audited) -> None:
    """The floor of the ordered tier counts, at the block that the oracles read."""
    with lying(made.url, in_log("FloorsSet", setting(perSecond=[9, 216_050, 9, 9]))) as url:
        lines = wrong(made.made["second"].id, rpc=url)
    expected = "at least 1080250: 5 seconds at 216050 of recording 3, less 0"
    assert lines[0] == f"MISMATCH royalty floor: chain says 1080247, must be {expected}"


DISPUTED: list[tuple[Alter, str]] = [
    (in_log("Frozen", setting(attestation="0x" + OTHER.hex())), "frozen attestation: chain says "),
    (in_calldata(put(2, 3, 5)), "frozen in time: chain says "),
    (in_log("SetActivated", setting(terms=(250, 1_000, 2**39, 5)), 0),
     "node cap: chain says 2469134, must be at most 5 in a window"),
    (more("Paused", {"by": "0x" + "11" * 20}, "Offered"), "paused: chain says false, recomputed t"),
]  # fmt: skip


@pytest.mark.parametrize(("alter", "expected"), DISPUTED, ids=[row[1][:40] for row in DISPUTED])
def test_a_field_of_a_dispute(made: Life, wrong: Audited, alter: Alter, expected: str) -> None:
    with lying(made.url, alter) as url:
        lines = wrong(made.made["open"].id, rpc=url)
    assert found(lines, expected), lines


def test_a_consent_that_was_replaced_after(made: Life, wrong: Audited) -> None:
    """Recording 2 was amended before `second` was made: its terms of then are the narrower ones."""
    with lying(made.url, in_log("Amended", setting(maxShare=5))) as url:
        lines = wrong(made.made["second"].id, rpc=url)
    assert found(lines, "consent[2] share: chain says 500, must be ")


def test_a_recording_that_was_registered_later(made: Life, wrong: Audited) -> None:
    def later(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        topic = next(k.topic for k in LEDGER_EVENTS if k.name == "Registered")
        logs = [log for log in answer["result"] if log["topics"][0] == topic]
        settled = answer["result"][-1]
        for log in logs[-1:]:
            log.update(blockNumber=settled["blockNumber"])
        return answer

    with lying(made.url, when("eth_getLogs", later)) as url:
        lines = wrong(made.made["split"].id, rpc=url)
    assert found(lines, "consent[4]: recording 4 was not registered at that time")
