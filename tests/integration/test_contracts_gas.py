"""Gas of a settlement is bounded by its shape: a base and an amount for each recording."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.bench.gas.goals import APART
from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import MILLION, WINDOW, LedgerFixture, even_weights, key

# Measured gas, rounded up; a change above a bound must update it here.
BASE, EACH = 62_000, 6_130

# The first settlement of a dispute epoch updates every word.
FRESH_EACH = 6_320

# The limits of the design.
MOST_BASE, MOST_EACH = 65_000, 6_600

COUNTS = [1, 2, 3, 10, 37, 100]
PAYER = key("payer")
NODE = key("node").address


@pytest.fixture(scope="module")
def rig() -> Iterator[LedgerFixture]:
    """A ledger whose payer and node have settled before."""
    with local_chain() as chain:
        made = LedgerFixture(chain.url)
        made.send(made.ledger.functions.allowNode(NODE, True))
        made.fund(PAYER.address, 1_000 * MILLION)
        _settle(made, even_weights(made.register(1, made.anyone)))
        yield made


def _settle(rig: LedgerFixture, weights: dict[int, int]) -> int:
    nonce = rig.ledger.functions.accounts(PAYER.address).call().nextNonce
    order = rig.order(PAYER.address, nonce)
    receipt = rig.send(rig.settlement(PAYER, order, rig.attestation(NODE, weights)))
    return int(receipt["gasUsed"])


def _uneven(ids: list[int]) -> dict[int, int]:
    weights = dict.fromkeys(ids, 1)
    weights[ids[-1]] = MILLION - len(ids) + 1
    return weights


def _shapes(ids: list[int]) -> list[dict[int, int]]:
    return [even_weights(ids), _uneven(ids), even_weights([0, *ids[1:]])]


def _apart(one: int, other: int) -> float:
    return 100 * abs(one - other) / min(one, other)


@pytest.mark.parametrize("count", COUNTS)
def test_gas_stays_below_its_bound(rig: LedgerFixture, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    assert max(_settle(rig, weights) for weights in _shapes(ids)) <= BASE + EACH * count


@pytest.mark.parametrize("count", COUNTS)
def test_the_first_settlement_of_an_epoch_has_its_own_bound(rig: LedgerFixture, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    for passed in (WINDOW, 2 * WINDOW):
        _settle(rig, even_weights(ids))
        rig.pass_time(passed)
        assert _settle(rig, even_weights(ids)) <= BASE + FRESH_EACH * count


@pytest.mark.parametrize("count", COUNTS)
def test_the_first_credit_of_a_recording_opens_no_slot(rig: LedgerFixture, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    first, later = _settle(rig, even_weights(ids)), _settle(rig, even_weights(ids))
    assert _apart(first, later) <= APART


def test_the_bounds_are_not_above_the_design() -> None:
    assert BASE <= MOST_BASE and max(EACH, FRESH_EACH) <= MOST_EACH
