"""Views as of a block: asked once, together with what others ask, and never from another block."""

from __future__ import annotations

import threading

import pytest

from oracle.adapters.chain import abi
from oracle.adapters.chain.block_reads import BlockReads, View
from oracle.domain.errors import InvalidInput, Unavailable

LEDGER = abi.contract("RoyaltyLedger", "0x" + "11" * 20)
ONE, OTHER = "0x" + "aa" * 32, "0x" + "bb" * 32
YES = "0x" + "00" * 31 + "01"


class Node:
    """Answers every call with true; `asked` holds the calls of each batch."""

    def __init__(self) -> None:
        self.asked: list[list[tuple[str, str]]] = []
        self.fault: Exception | None = None
        self.unknown: set[str] = set()
        self.gate: threading.Event | None = None
        self.begun = threading.Event()

    def batch(self, calls):
        self.asked.append([(call[1][0]["data"], call[1][1]["blockHash"]) for call in calls])
        self.begun.set()
        if self.gate:
            assert self.gate.wait(20)
        if self.fault:
            raise self.fault
        return [self._answer(params[1]["blockHash"]) for _, params in calls]

    def _answer(self, block):
        if block in self.unknown:
            return {"error": {"code": -32001, "message": "Resource not found"}}
        return {"result": YES}


def used(nonce, block=ONE):
    return View(block, LEDGER, "isNonceUsed", ("0x" + "22" * 20, nonce))


@pytest.fixture
def node():
    return Node()


def test_views_go_out_in_one_batch_and_are_kept(node):
    reads = BlockReads(node)
    assert reads.read([used(1), used(2), View(OTHER, LEDGER, "paused")]) == [True] * 3
    assert [block for _, block in node.asked[0]] == [ONE, ONE, OTHER]
    assert reads.read([used(2), used(1)]) == [True, True] and len(node.asked) == 1
    assert reads.read([used(1), used(3)]) == [True, True]
    assert len(node.asked) == 2 and len(node.asked[1]) == 1


def test_another_block_is_asked_again(node):
    reads = BlockReads(node)
    reads.read([used(1)])
    reads.read([used(1, OTHER)])
    assert [call[0][1] for call in node.asked] == [ONE, OTHER]


def test_nothing_is_asked_for_nothing(node):
    assert BlockReads(node).read([]) == [] and node.asked == []


def test_a_block_that_is_off_the_chain_is_unavailable_and_harms_nobody_else(node):
    reads = BlockReads(node)
    node.unknown = {OTHER}
    with pytest.raises(Unavailable, match=r"refused isNonceUsed.*Resource not found"):
        reads.read([used(1), used(1, OTHER)])
    assert reads.read([used(1)]) == [True]
    node.unknown = set()
    assert reads.read([used(1, OTHER)]) == [True]


def test_a_failure_is_not_kept(node):
    reads = BlockReads(node)
    node.fault = Unavailable("asleep")
    with pytest.raises(Unavailable, match="asleep"):
        reads.read([used(1)])
    node.fault = None
    assert reads.read([used(1)]) == [True]


def test_a_value_that_does_not_fit_is_named_and_not_sent(node):
    with pytest.raises(InvalidInput, match="isNonceUsed: does not fit"):
        BlockReads(node).read([used(2**256)])
    assert node.asked == []


def test_the_oldest_answers_are_dropped(node):
    reads = BlockReads(node, most=3)
    reads.read([used(n) for n in range(3)])
    reads.read([used(9)])
    sent = len(node.asked)
    assert reads.read([used(1), used(2), used(9)]) == [True] * 3 and len(node.asked) == sent
    reads.read([used(0)])
    assert len(node.asked) == sent + 1


def test_callers_of_one_view_share_its_answer_and_its_error(node):
    reads, found = BlockReads(node), []
    node.gate, node.unknown = threading.Event(), {OTHER}

    def ask(block):
        try:
            found.append(reads.read([used(1, block)]))
        except Unavailable as error:
            found.append(str(error))

    for block in (ONE, OTHER):
        node.begun.clear()
        threads = [threading.Thread(target=ask, args=(block,)) for _ in range(8)]
        threads[0].start()
        assert node.begun.wait(20)
        for thread in threads[1:]:
            thread.start()
        node.gate.set()
        for thread in threads:
            thread.join(20)
        node.gate.clear()
    assert found[:8] == [[True]] * 8 and len(set(found[8:])) == 1
    assert "Resource not found" in found[8]
    assert sum(block == ONE for batch in node.asked for _, block in batch) == 1


def test_callers_that_wait_share_one_batch(node):
    reads, found = BlockReads(node), []
    node.gate = threading.Event()

    def ask(nonce):
        found.append(reads.read([used(nonce), View(ONE, LEDGER, "paused")]))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    threads[0].start()
    assert node.begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    for _ in range(20_000):
        if len(reads._waiting) == 19:
            break
        threading.Event().wait(0.001)
    node.gate.set()
    for thread in threads:
        thread.join(20)
    assert found == [[True, True]] * 20
    # The 20 views of the callers and the one that all of them need, each once.
    assert [len(batch) for batch in node.asked] == [2, 19]
