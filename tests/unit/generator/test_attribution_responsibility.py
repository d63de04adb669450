"""The mean posterior, compared with a plain computation, and with extreme likelihoods."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.attribution.likelihood import BACKGROUND
from generator.attribution.responsibility import shares, weights
from generator.attribution.trace import MILLION
from tests.unit.generator.traces import even, trace, traces

FAR = -2_000 * MILLION


def plainly(made):
    """The definition in plain Python floats, without care for extremes."""
    sums = [0.0] * len(made.prior)
    for row, frames in zip(made.log_likelihood, made.frames_drawn, strict=True):
        density = [exp(value / MILLION) for value in row]
        scaled = [
            w / MILLION * (1 - BACKGROUND) * p for w, p in zip(made.prior, density, strict=True)
        ]
        whole = BACKGROUND * density[0] + sum(scaled)
        for place, part in enumerate(scaled):
            sums[place] += frames * part / whole
    return [value / sum(sums) for value in sums]


@given(traces(pool=True))
def test_it_is_the_mean_posterior_over_audible_time(made):
    # Beyond a few hundred nats the plain computation underflows, so values stay near zero.
    mild = [[value // 40 for value in row] for row in made.log_likelihood]
    near = trace(mild, prior=made.prior, frames=made.frames_drawn)
    assert shares(near).tolist() == pytest.approx(plainly(near), abs=1e-9)


def test_likelihoods_without_doubt_give_the_realised_vector():
    rows = [[0, 0, FAR], [0, FAR, 0], [0, FAR, 0], [0, FAR, 0]]
    assert weights(trace(rows, draws=[1, 2, 2, 2])) == (0, 250_000, 750_000)


def test_a_reference_that_explains_nothing_gets_nothing():
    assert weights(trace([[0, 0, FAR]] * 3)) == (0, MILLION, 0)


def test_units_that_nothing_explains_count_little():
    explained, unexplained = [0, 0, FAR], [0, FAR, FAR + MILLION]
    assert weights(trace([explained, unexplained])) == (0, MILLION, 0)


def test_if_nothing_explains_the_track_the_nearest_reference_gets_most():
    rows = [[0, FAR, FAR + MILLION]]
    nearest = 1 / (1 + exp(-1))
    assert weights(trace(rows))[2] == pytest.approx(nearest * MILLION, abs=1)


@given(st.integers(2, 12), st.integers(-(10**9), 10**9))
def test_copies_of_one_reference_share_evenly(copies, density):
    assert weights(trace([[0] + [density] * copies] * 2)) == even(copies)


def test_requested_weights_scale_responsibility():
    made = trace([[FAR, 0, 0]], prior=[0, 200_000, 800_000])
    assert weights(made) == (0, 200_000, 800_000)
