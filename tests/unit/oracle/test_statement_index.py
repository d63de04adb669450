"""Statements: rows of closed blocks are kept; only the newest blocks are read again."""

from __future__ import annotations

import pytest
from eth_abi import encode
from eth_utils import to_checksum_address

from oracle.adapters.chain import abi
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.event_scan import DEEP
from oracle.adapters.chain.heads import Heads
from oracle.adapters.chain.statement_index import MONEY, TABLES, LedgerAndSplits, StatementIndex
from oracle.domain.errors import Unavailable
from tests.support.fake_rpc import FakeRpc

LEDGER = abi.contract("RoyaltyLedger", "0x" + "11" * 20)
SPLITS = abi.contract("RightsSplits", "0x" + "22" * 20)
ADA, BEN = (to_checksum_address("0x" + digit * 40) for digit in "ab")


def word(value):
    return value.to_bytes(32, "big") if isinstance(value, int) else bytes(12) + _bytes(value)


def _bytes(text):
    return bytes.fromhex(text[2:])


def emit(chain, contract, name, indexed, kinds=(), data=()):
    topic = bytes.fromhex(contract.topic(name)[2:])
    chain.log(topic, *map(word, indexed), data=encode(list(kinds), list(data)))


def register(chain, owner, split=0):
    kinds = ["uint32"] * 3 + ["uint8", "uint16", "bytes32[]", "bytes32[]", "string", "string"]
    emit(chain, LEDGER, "Registered", [1, owner], kinds,
         [split, 0, 2**32 - 1, 1, 1, [b"a" * 32], [b"m" * 32], "", ""])  # fmt: skip


def settle(chain, number, amount):
    kinds = ["bytes32", "uint256", "uint256", "uint256", "uint32[]", "uint256[]"]
    emit(chain, LEDGER, "Settled", [number, BEN, BEN], kinds,
         [b"f" * 32, amount, 0, 0, [1], [amount]])  # fmt: skip


@pytest.fixture
def chain():
    made = FakeRpc()
    made.mine()
    register(made, ADA)
    made.mine(40)
    return made


@pytest.fixture
def ask(chain):
    return asking(chain)


def asking(chain):
    heads = Heads(chain, 2)
    index = StatementIndex(chain, heads, LEDGER, SPLITS, 0, 2)

    def rows(payee):
        head = heads.now()
        return [(row.kind, row.block, row.amount) for row in index.of(payee, head, head.closed)]

    return rows


def ranges(chain):
    return [asked for name, asked in chain.asked if name == "logs"]


def test_the_second_statement_asks_for_new_blocks_only(chain, ask):
    settle(chain, 7, 5)
    height = len(chain.blocks) - 1
    assert ask(ADA) == []
    assert ranges(chain) == [(0, height)]
    assert ask(BEN) == []
    assert ranges(chain) == [(0, height)]
    chain.mine(2)
    assert ask(ADA) == [("credited", height, 5)]
    assert ranges(chain)[1:] == [(height - DEEP + 1, height + 2)]


def test_rows_are_the_same_however_often_they_are_asked_for(chain, ask):
    expected = []
    for number in range(1, 60):
        settle(chain, number, number)
        expected.append(("credited", len(chain.blocks) - 1, number))
        chain.mine()
        assert ask(ADA) == expected[:-1]
    assert asking(chain)(ADA) == expected[:-1]


def test_a_credit_goes_to_the_holders_of_its_time_in_closed_and_in_new_blocks(chain, ask):
    ask(ADA)
    for gap in (1, DEEP + 5):
        settle(chain, 10 + gap, 1)
        emit(chain, SPLITS, "SplitCreated", [4 + gap], ["address[]", "uint32[]"],
             [[ADA, BEN], [250_000, 750_000]])  # fmt: skip
        emit(chain, LEDGER, "Assigned", [1, BEN], ["uint32"], [4 + gap])
        settle(chain, 20 + gap, 2)
        emit(chain, LEDGER, "Assigned", [1, ADA], ["uint32"], [0])
        chain.mine(gap + 1)
        ask(ADA)
    chain.mine(2)
    amounts = [[amount for _, _, amount in ask(payee)] for payee in (ADA, BEN)]
    assert amounts == [[1, 2, 1, 2], [2, 2]]


def test_rows_of_undone_blocks_are_gone(chain, ask):
    for number in range(1, 6):
        chain.mine()
        settle(chain, number, number)
    chain.mine(2)
    assert len(ask(ADA)) == 5
    chain.fork(5)
    assert [amount for _, _, amount in ask(ADA)] == [1, 2]


@pytest.mark.parametrize("depth", [0, DEEP + 1])
def test_a_batch_in_part_is_refused_and_read_again(chain, ask, depth):
    entries, kinds = bytes.fromhex("00000001000f4240"), ["uint256", "address", "uint256", "bytes",
                                                         "bytes32"]  # fmt: skip
    emit(chain, LEDGER, "SettledInBatch", [7, BEN], kinds, [1_000, BEN, 0, entries, b"f" * 32])
    chain.mine(2 + depth)
    for _ in range(2):
        with pytest.raises(Unavailable, match="part of a batch"):
            ask(ADA)
    assert [first for first, _ in ranges(chain)] == [0, 0]


def test_events_of_both_contracts_are_told_apart():
    source = LedgerAndSplits(LEDGER, SPLITS)
    assert source.address == [LEDGER.address, SPLITS.address]
    assert {source.topic(name) for name in MONEY} == {LEDGER.topic(name) for name in MONEY}
    assert {source.topic(name) for name in TABLES} == {SPLITS.topic(name) for name in TABLES}


def test_splits_with_an_event_of_the_ledger_are_refused():
    with pytest.raises(RuntimeError, match="has the topic of an event of the ledger"):
        LedgerAndSplits(LEDGER, Renamed(SPLITS.address, list(LEDGER._events.values())))


class Renamed(Contract):
    """A contract whose events of splits are another contract's event `Parked`."""

    def topic(self, event):
        return super().topic("Parked")
