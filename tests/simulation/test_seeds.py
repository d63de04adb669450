"""Random interleavings of orders and faults: whatever happens, the rules of `invariants` hold."""

import threading

import pytest

from tests.simulation.disk import TableDisk
from tests.simulation.run import run

FEW, MANY = 30, 1_000
SLICE = 50


def test_the_rules_hold():
    for seed in range(FEW):
        run(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(FEW, FEW + MANY, SLICE))
def test_the_rules_hold_in_many_runs(first):
    for seed in range(first, first + SLICE):
        run(seed)


@pytest.mark.parametrize("seed", range(4))
def test_an_oracle_does_the_same_with_real_tables(seed):
    assert run(seed, disk=TableDisk).log == run(seed).log


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4, 40))
def test_many_oracles_do_the_same_with_real_tables(seed):
    assert run(seed, disk=TableDisk).log == run(seed).log


def test_live_threads_do_not_grow_with_the_seeds():
    run(0)
    before = threading.active_count()
    for seed in range(8):
        run(seed)
    assert threading.active_count() <= before + 20
