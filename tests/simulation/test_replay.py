"""A failed seed can be run again: the seed decides everything, in this process and in others."""

import os
import subprocess
import sys

import pytest

from scripts.stack.layout import ROOT
from tests.simulation.invariants import Violation
from tests.simulation.options import FAULTS, ORDERS, Options, options_of
from tests.simulation.run import run

BUSY = Options(rounds=4, orders=ORDERS, faults=FAULTS, steps=200)


def events(seed, options=None):
    """What happened in a run, also if it broke a rule."""
    try:
        return run(seed, options).log
    except Violation as error:
        return str(error)


@pytest.mark.parametrize("seed", range(5))
def test_a_seed_gives_the_same_events_again(seed):
    assert events(seed, BUSY) == events(seed, BUSY)


def test_another_process_gives_the_same_events(tmp_path):
    said = []
    for hashes in ("1", "2"):
        line = [sys.executable, "-m", "tests.simulation", "--seed", "12"]
        environment = os.environ | {"PYTHONHASHSEED": hashes}
        done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.stderr == ""
        said.append(done.stdout)
    assert said[0] == said[1]
    assert "is settled" in said[0]


def test_seeds_differ():
    assert len({str(events(seed, BUSY)) for seed in range(5)}) == 5


def test_every_kind_of_order_and_fault_occurs():
    chosen = [options_of(seed) for seed in range(300)]
    assert {kind for each in chosen for kind in each.orders} == set(ORDERS)
    assert {kind for each in chosen for kind in each.faults} == set(FAULTS)
    assert {(each.oracles, each.threshold) for each in chosen} == {(3, 2), (4, 3)}
