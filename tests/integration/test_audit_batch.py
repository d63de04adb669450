"""Batches: the audit unpacks them, and names each field that is falsified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.auditor.cli import main
from scripts.auditor.skips import SKIPS
from scripts.solidity.ledger_fixture import ORDER, compact
from tests.audit.content import trace, vectors, without_edits
from tests.audit.proxy import Alter, in_calldata, in_log, lying, more, setting, without
from tests.audit.run import Audited, runner
from tests.audit.world import Made, Track, World, wide, world

WEIGHTS = [{1: 400_001, 2: 599_999}, {1: 1_000_000}, {2: 300_000, 3: 700_000}, {3: 1_000_000}]


class Batches(World):
    """A batch of three, of which one was settled before, and a list of two that one signed."""

    def fill(self) -> None:
        rig = self.rig
        made = [self.make(weights) for weights in WEIGHTS[:2]]
        made.append(self.make(WEIGHTS[2], engine=self.pooled))
        self.skipped, self.settled, self.last = made[1], made[0], made[2]
        rig.send(rig.settlement(self.payer, made[1].order, made[1].attestation))
        rig.send(rig.batch([self.payer], *pairs(made)))
        start = self.nonce
        orders = [self.make(weights).order for weights in WEIGHTS[2:]]
        fields = {"Orders": [("Order[]", "orders")], "Order": ORDER}
        signed = compact(self.payer.sign_message(rig.typed({"orders": orders}, **fields)))
        self.nonce = start
        given = setting(order_signature=wide(signed))
        listed = [self.make(weights, in_manifest=given) for weights in WEIGHTS[2:]]
        rig.send(rig.order_list(self.payer, *pairs(listed)))
        self.listed = listed[0]

    def pooled(self, references: list[dict[str, Any]], asked: list[int], seed: int) -> Track:
        made = without_edits(trace(references, seed, asked))
        made["draws"][0] = 0
        return made, self.samples, vectors(made)


def pairs(made: list[Made]) -> tuple[list[Any], list[Any]]:
    return [one.order for one in made], [one.attestation for one in made]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batches]:
    with world(tmp_path_factory.mktemp("batch"), kind=Batches) as found:
        found.fill()
        yield found


@pytest.fixture
def wrong(made: Batches, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def test_batches_hold(made: Batches, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--rpc", made.url, "--ledger", made.rig.ledger.address, "--ipfs",
             str(made.blocks.root)]
    assert main([*words, "--require", "money"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("== generation") for line in lines) == 5
    assert sum(line.startswith("ok   batch in 0x") for line in lines) == 9


def cut(change: Callable[[bytes], bytes], field: int = 5) -> Callable[[list[Any]], None]:
    """Another value of the bytes in the struct Batch: 4 the recordings, 5 the generations."""

    def falsify(values: list[Any]) -> None:
        found = [*values[0]]
        found[field] = change(found[field])
        values[0] = tuple(found)

    return falsify


def flip(at: int, name: str = "settleBatch") -> Alter:
    return in_calldata(cut(lambda old: old[:at] + bytes([old[at] ^ 1]) + old[at + 1:]), name)


OTHER = "0x" + "12" * 32
LIES: list[tuple[str, Alter, str]] = [
    ("settled", in_log("SettledInBatch", setting(price=7), 0), "price: chain says 7, recomputed "),
    ("settled", in_log("SettledInBatch", setting(entries="0x00000001000f4240"), 0),
     "recordings: chain says [1], recomputed [1, 2]"),
    ("settled", in_log("SettledInBatch", setting(price=7), 0), "batch in ... credited: chain says"),
    ("settled", in_log("SettledInBatch", setting(entries="0x00"), 0), "history: "),
    ("settled", in_log("Credited", setting(amounts=lambda old: [old[0] + 7, *old[1:]]), 0),
     "batch in ... credited: chain says {"),
    ("settled", in_log("Credited", setting(set=OTHER), 0), "batch in ... set: chain says 0x1212"),
    ("settled", in_log("Credited", setting(set=OTHER), 0), "protocolFee: chain says 0, recomputed"),
    ("settled", without("Credited"), "history: 0x... a batch has no event Credited"),
    ("settled", without("Skipped"), "batch in ... orders: chain says ["),
    ("settled", in_log("Skipped", setting(reason="0x12345678")),
     "batch in ... skipped 0x... chain says 0x12345678, which is no reason to skip"),
    ("settled", in_log("Skipped", setting(order=OTHER)), "batch in ... orders: chain says ["),
    ("settled", flip(0), "order hash: chain says 0x"),
    ("settled", flip(32), "manifest digest: chain says 0x"),
    ("settled", flip(32), "oracle signature[0]: the set says a signer of the set, recomputed 0x"),
    ("settled", flip(84), "price: chain says "),
    ("settled", flip(90), "nodeFee: chain says 123456, recomputed "),
    ("settled", flip(94), "generatedAt: chain says "),
    ("settled", flip(100 + 3), "recordings: chain says [1, 2], recomputed [0, 1]"),
    ("settled", flip(100 + 8), "order signature: chain says 0x"),
    ("settled", in_calldata(cut(lambda old: old[:-1]), "settleBatch"),
     "transaction: batch: its generations end at byte "),
    ("listed", flip(0, "settleOrders"), "order hash: chain says 0x"),
    ("listed", in_calldata(lambda values: values.__setitem__(1, values[1][:-1] + b"\0"),
                           "settleOrders"), "order signature: chain says 0x"),
]  # fmt: skip


@pytest.mark.parametrize(("which", "alter", "expected"), LIES,
                         ids=[f"{row[0]} {row[2][:40]}" for row in LIES])
def test_a_field_of_a_batch(
    made: Batches, wrong: Audited, which: str, alter: Alter, expected: str
) -> None:
    start, *rest = expected.split("...")
    with lying(made.url, alter) as url:
        lines = wrong(getattr(made, which).id, rpc=url)
    said = [line.split(" ", 1)[1] for line in lines]
    fits = [line for line in said if line.startswith(start) and all(part in line for part in rest)]
    assert fits, lines


def test_a_generation_that_was_skipped_and_settled(made: Batches, wrong: Audited) -> None:
    event = {"order": made.settled.id, "reason": next(iter(SKIPS))}
    with lying(made.url, more("Skipped", event, "SettledInBatch", 0)) as url:
        lines = wrong(made.settled.id, rpc=url)
    start = f"skipped {made.settled.id[:10]}.. settled: chain says true, recomputed false"
    assert any(line.startswith("MISMATCH batch in ") and start in line for line in lines)
