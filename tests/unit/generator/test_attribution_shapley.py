"""The bounded game: the axioms, brute force over orders of arrival, and the sampled estimate."""

from itertools import permutations
from math import exp, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.attribution.likelihood import BACKGROUND
from generator.attribution.shapley import estimate, exact, sampled, weights
from generator.attribution.trace import MILLION
from tests.unit.generator.traces import even, trace, traces

FAR = -2_000 * MILLION


def worth(made, members):
    """v(S) of MOSAIC's game from its definition, in plain Python floats."""
    total = 0.0
    for row, frames in zip(made.log_likelihood, made.frames_drawn, strict=True):
        odds = [
            w / MILLION * (1 - BACKGROUND) * exp((value - row[0]) / MILLION) / BACKGROUND
            for w, value in zip(made.prior, row, strict=True)
        ]
        part = sum(odds[j] for j in members)
        total += frames * log1p(part) / log1p(sum(odds))
    return total / sum(made.frames_drawn)


def by_permutations(made):
    players = [j for j, weight in enumerate(made.prior) if weight]
    values = dict.fromkeys(range(len(made.prior)), 0.0)
    orders = list(permutations(players))
    for order in orders:
        for place, player in enumerate(order):
            gain = worth(made, order[: place + 1]) - worth(made, order[:place])
            values[player] += gain / len(orders)
    return list(values.values())


@settings(deadline=None, max_examples=60)
@given(traces(most_references=4, pool=True))
def test_exact_values_are_those_of_every_order_of_arrival(made):
    rows = [[value // 4 for value in row] for row in made.log_likelihood]
    mild = trace(rows, prior=made.prior, frames=made.frames_drawn)
    assert estimate(mild).shares.tolist() == pytest.approx(by_permutations(mild), abs=1e-9)


@given(traces(most_references=6))
def test_efficient_and_never_negative(made):
    shares = estimate(made).shares
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert shares.min() >= -1e-12


@given(traces(most_references=4), st.integers(0, 10**6))
def test_copies_share_evenly_beside_any_other_reference(made, seed):
    rows = [[*row, row[-1]] for row in made.log_likelihood]
    half = made.prior[-1] // 2 * 2
    spare = made.prior[-1] - half
    prior = [made.prior[0] + spare, *made.prior[1:-1], half // 2, half // 2]
    found = estimate(trace(rows, prior=prior, frames=made.frames_drawn)).shares
    assert found[-1] == pytest.approx(found[-2], abs=1e-12)


@given(traces(most_references=4))
def test_a_reference_that_explains_nothing_changes_nothing(made):
    rows = [[*row, min(row) + FAR] for row in made.log_likelihood]
    weight = 1_000
    prior = [*made.prior, weight]
    prior[prior.index(max(prior))] -= weight
    with_null = estimate(trace(rows, prior=prior, frames=made.frames_drawn)).shares
    assert with_null[-1] == pytest.approx(0, abs=1e-9)


def test_additive_over_units():
    one, two = [[0, 0, MILLION]], [[0, 3 * MILLION, -MILLION]]
    apart = [estimate(trace(rows)).shares for rows in (one, two)]
    together = estimate(trace(one + two, frames=[1, 3])).shares
    assert together == pytest.approx(apart[0] / 4 + apart[1] * 3 / 4)


def test_a_single_reference_takes_all():
    assert weights(trace([[0, FAR]])) == (0, MILLION)


def test_a_unit_without_doubt_is_paid_to_its_reference():
    rows = [[0, 0, FAR], [0, FAR, 0], [0, FAR, 0], [0, FAR, 0]]
    assert weights(trace(rows)) == (0, 250_000, 750_000)


def test_twelve_copies_share_evenly():
    assert weights(trace([[0] + [5 * MILLION] * 12] * 3)) == even(12)


@pytest.mark.parametrize("level", [FAR * 1000, -(10**9), 0, 10**9, -FAR * 1000])
def test_no_level_of_likelihood_overflows_or_underflows(level):
    rows = [[0, level, level + MILLION, level]]
    shares = estimate(trace(rows)).shares
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1)
    assert shares[1] == pytest.approx(shares[3], abs=1e-5)


def test_component_zero_plays_when_the_engine_may_draw_it():
    made = trace([[0, 0]], prior=[500_000, 500_000])
    assert weights(made) == (500_000, 500_000)


GAME = np.array([[0.0, 2.0, -1.0, 4.0, 1.0], [3.0, -2.0, 0.5, 0.5, -9.0], [1.0] * 5])
TIME = np.array([0.5, 0.3, 0.2])


def test_the_sampled_interval_holds_the_exact_value():
    values, widths = sampled(GAME, TIME, seed=11, permutations=4_000)
    error = np.abs(values - exact(GAME, TIME))
    assert values.sum() == pytest.approx(1)
    assert (error <= 2 * widths).all()
    assert widths.max() < 0.01


def test_one_order_and_its_reverse_solve_a_game_of_two():
    values, widths = sampled(GAME[:, :2], TIME, seed=1, permutations=20)
    assert values == pytest.approx(exact(GAME[:, :2], TIME), abs=1e-12)
    assert widths == pytest.approx([0, 0], abs=1e-12)


def test_more_permutations_narrow_the_interval():
    wide, narrow = (sampled(GAME, TIME, 3, count)[1].max() for count in (200, 20_000))
    assert narrow < wide / 5


def test_sampling_is_a_function_of_the_seed():
    again = [sampled(GAME, TIME, seed, 100)[0].tolist() for seed in (5, 5, 6)]
    assert again[0] == again[1] != again[2]


def test_more_than_twelve_references_are_sampled_with_an_interval():
    rows = [[0] + [(7 * unit + 5 * j) % 11 * MILLION for j in range(14)] for unit in range(6)]
    made = trace(rows)
    found = estimate(made, permutations=600)
    assert found.half_width[1:].min() > 0
    assert found.shares.sum() == pytest.approx(1)
    assert sum(weights(made)) == MILLION


def test_twelve_references_are_exact():
    rows = [[0] + [(7 * unit + 5 * j) % 11 * MILLION for j in range(12)] for unit in range(6)]
    assert not estimate(trace(rows)).half_width.any()
