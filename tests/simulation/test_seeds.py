"""Random interleavings of orders and faults: whatever happens, the rules of `invariants` hold."""

import threading

import pytest

from tests.simulation.run import run

FEW, MANY = 30, 450
SLICE = 30


@pytest.mark.parametrize("first", range(0, FEW, SLICE))
def test_the_rules_hold(first):
    for seed in range(first, first + SLICE):
        run(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(FEW, FEW + MANY, SLICE))
def test_the_rules_hold_in_many_runs(first):
    for seed in range(first, first + SLICE):
        run(seed)


def test_live_threads_do_not_grow_with_the_seeds():
    run(0)
    before = threading.active_count()
    for seed in range(8):
        run(seed)
    assert threading.active_count() <= before + 20
