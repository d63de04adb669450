"""Measured gas against the committed figures; docs/reports/gas.md says how to renew them."""

from __future__ import annotations

import pytest

from scripts.bench.gas import ours, snapshot
from scripts.bench.gas.chain_bench import fresh_bench

pytestmark = pytest.mark.long


def test_no_figure_is_more_than_one_per_cent_above_the_committed_one() -> None:
    with fresh_bench() as bench:
        measured = ours.measure(bench)
    assert snapshot.worse(measured, snapshot.read()) == []
