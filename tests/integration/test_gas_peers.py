"""The peers of the gas benchmark do the work that they are measured for: every payee is paid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.bench.gas import merkle, rewards, splitter
from scripts.bench.gas.chain_bench import PRICE, Bench, even_amounts, fresh_bench
from scripts.bench.gas.sources import compiled, shipped

pytestmark = pytest.mark.long

# Odd, even, and a power of two: trees of every kind.
COUNTS = (1, 2, 3, 5, 6, 8)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with fresh_bench() as made:
        yield made


def _held(bench: Bench, payees: list[str]) -> list[int]:
    return [bench.rig.token.functions.balanceOf(payee).call() for payee in payees]


@pytest.mark.parametrize("count", COUNTS)
def test_merkle_claims_pay_everybody_a_part(bench: Bench, count: int) -> None:
    payees = bench.payees("claimant", count)
    spent = merkle.pay(bench, shipped(merkle.ARTIFACT), payees)
    assert len(spent) == count + 2
    assert _held(bench, payees) == even_amounts(count)


def test_splitter_releases_pay_everybody_a_part(bench: Bench) -> None:
    payees = bench.payees("released", 3)
    made, _ = bench.deploy(compiled(splitter.SOURCE, "PaymentSplitter"), payees, [1] * 3)
    assert len(splitter.pay(bench, made, payees)) == 4
    assert _held(bench, payees) == [PRICE // 3] * 3


def test_rewards_credit_and_pay_everybody_a_part(bench: Bench) -> None:
    payees = bench.payees("rewarded", 3)
    made, _ = bench.deploy(compiled(rewards.SOURCE, "ProtocolRewards"))
    rewards.deposit(bench, made, payees)
    assert [made.functions.balanceOf(payee).call() for payee in payees] == even_amounts(3)
    rewards.withdraw(bench, made, payees)
    assert bench.rig.w3.eth.get_balance(made.address) == 0
