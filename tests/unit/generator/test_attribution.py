"""The table of methods, vectors that are known exactly, and the distance of two vectors."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.attribution import METHODS, vectors
from generator.attribution.trace import MILLION, Trace
from generator.attribution.weights import from_shares, total_variation
from oracle.domain.attribution import vector_of
from oracle.domain.errors import InvalidInput
from tests.unit.generator.traces import trace, traces


def permuted(made: Trace, order: list[int]) -> Trace:
    """The same music with the references registered in another order."""
    component = {0: 0} | {old + 1: new + 1 for new, old in enumerate(order)}
    places = [0, *(old + 1 for old in order)]
    return dataclasses.replace(
        made,
        references=tuple(made.references[old] for old in order),
        prior=tuple(made.prior[place] for place in places),
        draws=tuple(component[draw] for draw in made.draws),
        log_likelihood=tuple(tuple(row[p] for p in places) for row in made.log_likelihood),
        audible=tuple(made.audible[place] for place in places),
    )


@given(traces(pool=True))
def test_every_vector_has_whole_weights_that_sum_to_a_million(made):
    for name, method in METHODS.items():
        weights = method(made)
        assert len(weights) == len(made.references) + 1, name
        assert all(type(weight) is int and weight >= 0 for weight in weights), name
        assert sum(weights) == MILLION, name


@given(traces(), st.data())
def test_the_order_of_references_changes_nothing_but_ties(made, data):
    order = data.draw(st.permutations(range(len(made.references))))
    other = permuted(made, order)
    for name, method in METHODS.items():
        before = [method(made)[old + 1] for old in order]
        after = list(method(other)[1:])
        assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 1, name


@given(traces(pool=True))
def test_declared_and_realised_equal_what_the_oracle_computes(made):
    found = vectors(made)
    for rule in ("declared", "realised"):
        expected = vector_of(made.to_dict(), rule)
        assert {i["recording"]: i["weight"] for i in found[rule]} == expected


def test_vectors_name_recordings_and_drop_zeros():
    made = trace([[0, 0, 0]] * 2, recordings=[4, 9], draws=[2, 2])
    assert vectors(made)["realised"] == [{"recording": 9, "weight": MILLION}]
    assert vectors(made)["declared"] == [
        {"recording": 4, "weight": 500_000},
        {"recording": 9, "weight": 500_000},
    ]


def test_an_inaudible_unit_pays_nobody():
    certain = [[0, 0, -(10**9)], [0, -(10**9), 0], [0, -(10**9), 0]]
    made = trace(certain, draws=[1, 2, 2], frames=[1000, 3000, 0])
    for name in ("realised", "responsibility", "shapley"):
        assert METHODS[name](made) == (0, 250_000, 750_000), name


@pytest.mark.parametrize("name", ["realised", "responsibility", "shapley"])
def test_a_silent_trace_is_refused_and_the_field_named(name):
    with pytest.raises(InvalidInput, match="frames_drawn"):
        METHODS[name](trace([[0, 0]], frames=[0]))


def test_a_track_without_energy_is_refused_and_the_field_named():
    with pytest.raises(InvalidInput, match=r"trace\.audible"):
        METHODS["audible"](trace([[0, 0]], audible=[0, 0]))


def test_audible_weights_are_proportional_to_energies():
    made = trace([[0, 0, 0]], audible=[0, 3 * 10**15, 10**15])
    assert METHODS["audible"](made) == (0, 750_000, 250_000)


def test_the_training_pool_is_recording_zero():
    made = trace([[0, 0]], prior=[400_000, 600_000], draws=[0], audible=[1, 1])
    found = vectors(made)
    assert found["realised"] == [{"recording": 0, "weight": MILLION}]
    assert found["shapley"][0]["recording"] == 0


def test_shares_become_integers_only_after_rounding():
    third = 1 / 3
    assert from_shares([0.0, third, third, third + 1e-13]) == (0, 333_334, 333_333, 333_333)
    assert from_shares([-1e-9, 1.0]) == (0, MILLION)


VECTORS = st.lists(st.integers(0, MILLION), min_size=2, max_size=2).map(
    lambda cuts: {1: min(cuts), 2: max(cuts) - min(cuts), 3: MILLION - max(cuts)}
)


@given(VECTORS, VECTORS, VECTORS)
def test_total_variation_is_a_distance_in_millionths(one, two, three):
    assert total_variation(one, one) == 0
    assert total_variation(one, two) == total_variation(two, one) <= MILLION
    assert total_variation(one, three) <= total_variation(one, two) + total_variation(two, three)


def test_total_variation_of_disjoint_vectors_is_one_million():
    assert total_variation({1: MILLION}, {2: MILLION}) == MILLION
    assert total_variation({1: MILLION}, {1: 999_000, 2: 1000}) == 1000


def test_total_variation_refuses_a_vector_with_another_sum():
    with pytest.raises(InvalidInput, match="sum to 1000000"):
        total_variation({1: MILLION}, {1: 1})
