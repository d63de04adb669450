"""The benchmark of the API: what it measures is there, and its own figures are counted right."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from scripts.bench.api import catalogue, load, rows
from scripts.bench.api.routes import NOOP, _figures


def measured(latencies, cpu):
    return load.Measured(tuple(latencies), sum(latencies), cpu)


def test_latencies_and_costs_are_those_of_all_requests():
    found = measured([n / 1_000 for n in range(1, 101)], 0.5) + load.NOTHING_MEASURED
    assert found.percentile(0.99) == 100 and found.percentile(0.5) == 51
    assert found.cost == 5 and found.rate == pytest.approx(100 / 5.05)


def test_a_route_must_stay_below_three_no_op_routes():
    nothing = measured([0.01] * 10, 0.01)
    for factor, holds in ((2.9, True), (3.1, False)):
        cost, slowest = _figures(NOOP, measured([0.01 * factor] * 10, 0.01 * factor), nothing)
        assert (cost.holds, slowest.holds) == (holds, holds)
        assert cost.ratio == pytest.approx(factor)


@pytest.mark.parametrize("size", [10, 49, 51, 120])
def test_the_chain_in_memory_has_every_recording(size):
    costs = catalogue._costs(size)
    assert set(costs) >= {catalogue.FIRST} and all(cost > 0 for cost in costs.values())


def test_rows_are_read_in_a_database_of_its_own(monkeypatch):
    monkeypatch.setattr(rows, "SIZES", (20, 200))
    found = rows.figures()
    assert len(found) == 3 and all(figure.peer and figure.ours for figure in found)


def test_the_processor_time_of_a_process_is_what_it_used():
    with subprocess.Popen(
        [sys.executable, "-c", "sum(range(10**7)); print('done', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "done\n"
        first = load.processor_time(process.pid)
        time.sleep(0.2)
        assert load.processor_time(process.pid) - first < 0.05 < first
        found = psutil.Process(process.pid).cpu_times()
        assert abs(first - found.user - found.system) < 0.05
        process.communicate("\n")
