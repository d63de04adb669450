"""Gas of a settlement is bounded by its shape: so much, and so much for every recording."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.chain import local_chain
from scripts.rig import MILLION, Rig, even_weights, key

BASE = 65_000
EACH = 6_600

# The goals at which the figures are published.
GOALS = {2: 80_000, 10: 135_000, 100: 730_000}

PAYER = key("payer")
NODE = key("node").address


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A ledger with 100 recordings that were never credited."""
    with local_chain() as chain:
        made = Rig(chain.url)
        made.send(made.ledger.functions.allowNode(NODE, True))
        made.fund(PAYER.address, 1_000 * MILLION)
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


@pytest.mark.parametrize("count", [1, 2, 3, 10, 37, 100])
def test_gas_stays_below_its_line(rig: Rig, count: int) -> None:
    ids = rig.register(count, rig.anyone)
    bound = BASE + EACH * count
    first, later = _settle(rig, even_weights(ids)), _settle(rig, even_weights(ids))
    pooled = _settle(rig, even_weights([0, *ids[1:]]))
    assert max(first, later, pooled, _settle(rig, _uneven(ids))) <= bound
    assert max(first, later) <= GOALS.get(count, bound)


def test_the_first_credit_of_a_recording_opens_no_slot(rig: Rig) -> None:
    ids = rig.register(10, rig.anyone)
    first, later = _settle(rig, even_weights(ids)), _settle(rig, even_weights(ids))
    assert abs(first - later) < 1_000
