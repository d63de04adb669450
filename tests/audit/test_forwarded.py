"""Settlements that reach the ledger through another contract: no transaction has their input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.auditor.calls import CALL_TYPES, selector
from scripts.auditor.cli import main
from scripts.solidity.ledger_fixture import ORDER, compact, key
from tests.audit.ending import passed
from tests.audit.forwarder import Forwarder
from tests.audit.proxy import Alter, in_log, lying, result, setting, when
from tests.audit.run import Audited, found, runner
from tests.audit.test_all_clear import kinds
from tests.audit.world import Made, World, wide, world

Frames = list[dict[str, Any]]
NO_TRACE = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no such method"}}
WEIGHTS = {1: 400_001, 2: 599_999}


class Forwarded(World):
    """A single settlement, several in one transaction, batches, and an upgrade."""

    def fill(self) -> None:
        rig = self.rig
        self.way = Forwarder(rig)
        self.one = self.make(tier="personal")
        self.way.send(self.settling(self.one))
        self._several()
        self._batches()
        self._skip_and_settle()
        with self.way.in_front():
            self.upgraded = self.upgrade(self.one)

    def settling(self, made: Made, **changes: Any) -> Any:
        return self.rig.settlement(self.payer, made.order, {**made.attestation, **changes})

    def _several(self) -> None:
        """Two that count, after one that was undone, one that failed and one on other storage."""
        self.two, self.three = self.make(WEIGHTS), self.make({3: 1_000_000})
        other = self.settling(self.two, price=1_000_000, nodeFee=100_000)
        self.way.send(self.way.undone(other), self.way.borrowed(other), self.settling(self.one),
                      self.settling(self.two), self.settling(self.three), may_fail=True)

    def _batches(self) -> None:
        """A batch, a list of orders, and the batch again: all of the last are skipped."""
        rig = self.rig
        self.batched = [self.make(WEIGHTS), self.make({3: 1_000_000})]
        batch, start = rig.batch([self.payer], *pairs(self.batched)), self.nonce
        orders = [self.make(WEIGHTS).order for _ in range(2)]
        fields = {"Orders": [("Order[]", "orders")], "Order": ORDER}
        signed = compact(self.payer.sign_message(rig.typed({"orders": orders}, **fields)))
        self.nonce = start
        given = setting(order_signature=wide(signed))
        self.listed = [self.make(WEIGHTS, in_manifest=given) for _ in range(2)]
        self.way.send(batch, rig.order_list(self.payer, *pairs(self.listed)), batch)

    def _skip_and_settle(self) -> None:
        """An order that is skipped because nothing is in the escrow, and settled once there is."""
        rig, poor = self.rig, key("poor payer")
        whole, self.payer = self.payer, poor
        self.late = self.make(WEIGHTS)
        first = self.late.attestation | {"price": 1_000_000, "nodeFee": 100_000}
        early = rig.batch([poor], [self.late.order], [first])
        later = rig.batch([poor], *pairs([self.late]))
        token, money = rig.token.functions, 2_000_000
        self.way.send(early, token.mint(self.way.contract.address, money),
                      token.approve(rig.ledger.address, money),
                      rig.ledger.functions.fund(poor.address, money), later)
        self.payer = whole


def pairs(made: list[Made]) -> tuple[list[Any], list[Any]]:
    return [one.order for one in made], [one.attestation for one in made]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarded]:
    with world(tmp_path_factory.mktemp("forwarded"), kind=Forwarded) as filled:
        filled.fill()
        yield filled


@pytest.fixture
def wrong(made: Forwarded, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


@pytest.fixture
def run(made: Forwarded, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def audit(*more: str, alter: Alter = lambda method, params, answer: answer) -> Any:
        with lying(made.url, alter) as url:
            status = main(["--rpc", url, "--ledger", made.rig.ledger.address,
                           "--ipfs", str(made.blocks.root), *more])
        return status, capsys.readouterr().out.splitlines()

    return audit


def test_forwarded_settlements_are_audited_whole(run: Callable[..., Any]) -> None:
    status, lines = run()
    assert (status, kinds(lines)) == (0, {"sound"}) and passed(lines[-1])
    assert sum(line.startswith("== generation") for line in lines) == 9
    assert sum(line.startswith("ok   batch in") and line.endswith(" orders") for line in lines) == 5


def test_a_single_generation_without_a_trace(made: Forwarded, run: Callable[..., Any]) -> None:
    """Only the signatures of the quorum are not in the manifest that the event names."""
    status, lines = run("--generation", made.one.id, "--require", "money",
                        alter=when("debug_traceTransaction", NO_TRACE))
    start = f"generation {made.one.id[:10]}.. "
    assert (status, passed(lines[-1], "incomplete")) == (3, True)
    assert kinds([line for line in lines if start in line]) == {"forwarded call", "sound"}
    for name in ("order hash", "order signature", "price", "amount[1]", "sum", "oracle set",
                 "manifest digest", "weight[3]", "consent[1] use"):
        assert any(line.startswith(f"ok   {start}{name}") for line in lines), name
    assert any(f"NOT CHECKED {start}oracle signatures: forwarded call" in line for line in lines)


@pytest.mark.parametrize("told", [NO_TRACE, result(None), b"<html>no</html>", result("0x")])
def test_without_a_trace_nothing_is_unreadable(run: Callable[..., Any], told: Any) -> None:
    status, lines = run(alter=when("debug_traceTransaction", told))
    assert status == 3 and passed(lines[-1], "incomplete")
    assert kinds(lines) == {"forwarded call", "missing input", "sound"}
    needs = {line.split()[3] for line in lines if ": missing input: " in line}
    assert len(needs) == 1, "only the upgrade lacks its order"


def test_an_event_that_lies_is_found_without_a_trace(made: Forwarded, wrong: Audited) -> None:
    lie, hide = in_log("Settled", setting(price=7), 0), when("debug_traceTransaction", NO_TRACE)
    with lying(made.url, lambda *asked: hide(*asked[:2], lie(*asked))) as url:
        assert found(wrong(made.one.id, rpc=url), "price: chain says 7, recomputed ")


def test_an_order_that_is_not_the_manifests_is_found_without_a_trace(
    made: Forwarded, wrong: Audited
) -> None:
    name, hide = "0x" + "12" * 32, when("debug_traceTransaction", NO_TRACE)
    lie = in_log("Settled", setting(order=name), 0)
    with lying(made.url, lambda *asked: hide(*asked[:2], lie(*asked))) as url:
        assert found(wrong(name, rpc=url), "order hash: chain says 0x1212")


def frames(call: dict[str, Any], ledger: str) -> Frames:
    """Every call to the ledger's address inside a call, also those that failed."""
    inner = [one for part in call.get("calls", []) for one in frames(part, ledger)]
    return [call, *inner] if call["to"].lower() == ledger.lower() else inner


def in_frames(made: World, change: Callable[[Frames], None]) -> Alter:
    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        change(frames(answer["result"], made.rig.ledger.address))
        return answer

    return when("debug_traceTransaction", alter)


def flipped(at: int) -> Callable[[Frames], None]:
    """Another byte in the calldata of the last call of `settle`."""
    start = "0x" + selector("settle", CALL_TYPES["settle"]).hex()

    def change(calls: Frames) -> None:
        for call in [one for one in calls if one["input"].startswith(start)][-1:]:
            data = bytearray.fromhex(call["input"][2:])
            data[at] ^= 1
            call["input"] = "0x" + data.hex()

    return change


def hidden(calls: Frames) -> None:
    for call in calls:
        call["to"] = "0x" + "12" * 20


def swapped(first: int, second: int) -> Callable[[Frames], None]:
    """Two calls in each other's place."""

    def change(calls: Frames) -> None:
        if len(calls) > 2:
            one, other = calls[first], calls[second]
            one["input"], other["input"] = other["input"], one["input"]

    return change


def failed(calls: Frames) -> None:
    """The settlement of `two` is told as one that failed."""
    for call in calls[-2:-1]:
        call["error"] = "execution reverted"


LIES: list[tuple[str, Callable[[Frames], None], str]] = [
    ("one", flipped(4 + 31), "order hash: chain says 0x"),
    ("one", flipped(4 + 31), "payer: chain says 0x"),
    ("one", flipped(-1), "oracle signature[1]: the set says a signer of the set, recomputed 0x"),
    ("one", hidden, "transaction: the trace of 0x"),
    ("two", failed, "order hash: chain says 0x"),
    ("late", swapped(0, -1), "price: chain says 1234567, recomputed 1000000"),
    ("one", swapped(0, 1), "batch in 0x"),
]  # fmt: skip


@pytest.mark.parametrize(("which", "change", "expected"), LIES,
                         ids=[f"{row[0]} {row[2][:20]}" for row in LIES])
def test_a_trace_that_lies(made: Forwarded, wrong: Audited, which: str,
                           change: Callable[[Frames], None], expected: str) -> None:
    with lying(made.url, in_frames(made, change)) as url:
        lines = wrong(getattr(made, which).id, rpc=url)
    assert found(lines, expected), lines


def revived(made: World, what: str) -> Alter:
    """A trace in which calls that were undone, or ran on other storage, did what they would."""

    def revive(call: dict[str, Any]) -> None:
        borrowed = call["type"] == "DELEGATECALL"
        if borrowed == (what != "undone"):
            call.pop("error", None)
        if borrowed and what == "as a call" and call["to"] == made.rig.ledger.address.lower():
            call["type"] = "CALL"
        for part in call.get("calls", []):
            revive(part)

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        revive(answer["result"])
        return answer

    return when("debug_traceTransaction", alter)


@pytest.mark.parametrize("what", ["undone", "as a call"])
def test_a_call_without_effect_that_is_told_as_one_with_effect(
    made: Forwarded, wrong: Audited, what: str
) -> None:
    """The first calls with the order of `two` are of another price and settled nothing."""
    with lying(made.url, revived(made, what)) as url:
        lines = wrong(made.two.id, rpc=url)
    assert found(lines, "price: chain says 1234567, recomputed 1000000"), lines


def test_code_of_the_ledger_on_other_storage_settles_nothing(
    made: Forwarded, run: Callable[..., Any]
) -> None:
    status, _ = run("--generation", made.two.id, alter=revived(made, "as it was"))
    assert status == 0
