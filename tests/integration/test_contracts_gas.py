"""Gas of a settlement is bounded by its shape: so much, and so much for every recording."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.chain import local_chain
from scripts.gas.goals import APART
from scripts.rig import MILLION, WINDOW, Rig, even_weights, key

# Gas as measured, rounded up; a change that leaves the line has to say so here.
BASE, EACH = 62_000, 6_130

# The first of a dispute epoch moves on what every word holds.
FRESH_EACH = 6_320

# What the design allows.
MOST_BASE, MOST_EACH = 65_000, 6_600

COUNTS = [1, 2, 3, 10, 37, 100]
PAYER = key("payer")
NODE = key("node").address


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A ledger whose payer and node have settled before."""
    with local_chain() as chain:
        made = Rig(chain.url)
        made.send(made.ledger.functions.allowNode(NODE, True))
        made.fund(PAYER.address, 1_000 * MILLION)
        _settle(made, even_weights(made.register(1, made.anyone)))
        yield made


def _settle(rig: Rig, weights: dict[int, int]) -> int:
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
def test_gas_stays_below_its_line(rig: Rig, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    assert max(_settle(rig, weights) for weights in _shapes(ids)) <= BASE + EACH * count


@pytest.mark.parametrize("count", COUNTS)
def test_the_first_of_an_epoch_has_a_line_of_its_own(rig: Rig, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    for passed in (WINDOW, 2 * WINDOW):
        _settle(rig, even_weights(ids))
        rig.pass_time(passed)
        assert _settle(rig, even_weights(ids)) <= BASE + FRESH_EACH * count


@pytest.mark.parametrize("count", COUNTS)
def test_the_first_credit_of_a_recording_opens_no_slot(rig: Rig, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    first, later = _settle(rig, even_weights(ids)), _settle(rig, even_weights(ids))
    assert _apart(first, later) <= APART


def test_the_lines_are_no_higher_than_the_design_allows() -> None:
    assert BASE <= MOST_BASE and max(EACH, FRESH_EACH) <= MOST_EACH
