"""As many runs again as in `test_seeds.py`, in a file of their own for another core."""

import pytest

from tests.simulation.run import run
from tests.simulation.test_seeds import FEW, MANY, SLICE


@pytest.mark.long
@pytest.mark.parametrize("first", range(FEW + MANY, FEW + 2 * MANY, SLICE))
def test_the_rules_hold_in_more_runs(first):
    for seed in range(first, first + SLICE):
        run(seed)
