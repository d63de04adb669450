"""Our gas, from receipts, against the committed figures; `docs/gas.md` says how to renew them."""

from __future__ import annotations

from scripts.gas import ours, snapshot
from scripts.gas.bench import fresh_bench


def test_no_figure_is_more_than_one_per_cent_above_the_committed() -> None:
    with fresh_bench() as bench:
        measured = ours.measure(bench)
    assert snapshot.worse(measured, snapshot.read()) == []
