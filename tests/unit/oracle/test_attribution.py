"""Attribution: from scores to weights to entries, and from a trace to the payable vectors."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.attribution import (
    MILLION,
    decode_entries,
    encode_entries,
    items_of,
    largest_remainder,
    vector_from,
    vector_of,
    without_zeros,
)
from oracle.domain.errors import InvalidInput
from tests.support.samples import request, trace_json

SCORES = st.dictionaries(
    st.integers(0, 2**32 - 1), st.integers(0, 2**64), min_size=1, max_size=13
).filter(lambda scores: any(scores.values()))
VECTORS = SCORES.map(largest_remainder)
GENERATION = "0x" + "ab" * 32


@given(SCORES)
def test_weights_sum_to_a_million(scores):
    assert sum(largest_remainder(scores).values()) == MILLION


@given(SCORES)
def test_every_weight_differs_from_its_exact_share_by_less_than_one(scores):
    total = sum(scores.values())
    for key, weight in largest_remainder(scores).items():
        assert abs(weight - Fraction(scores[key] * MILLION, total)) < 1


@given(SCORES)
def test_a_score_of_zero_gets_weight_zero(scores):
    weights = largest_remainder(scores)
    assert all(weights[key] == 0 for key, score in scores.items() if score == 0)


@given(SCORES)
def test_the_order_of_the_scores_changes_nothing(scores):
    turned = dict(reversed(scores.items()))
    assert list(largest_remainder(turned).items()) == list(largest_remainder(scores).items())


@given(SCORES, st.integers(1, 2**32))
def test_a_common_factor_changes_nothing(scores, factor):
    scaled = {key: score * factor for key, score in scores.items()}
    assert largest_remainder(scaled) == largest_remainder(scores)


def test_ties_go_to_the_lower_id():
    assert largest_remainder({9: 1, 2: 1, 5: 1}) == {2: 333_334, 5: 333_333, 9: 333_333}


@pytest.mark.parametrize("scores", [{}, {1: 0}, {1: -1, 2: 2}, {1: 0.5}, {1: True}])
def test_scores_without_a_positive_one_are_refused(scores):
    with pytest.raises(InvalidInput, match="scores"):
        largest_remainder(scores)


@given(VECTORS)
def test_entries_decode_to_the_vector(vector):
    assert decode_entries(encode_entries(vector)) == without_zeros(vector)


@given(VECTORS)
def test_json_parses_to_the_vector(vector):
    assert vector_from(items_of(vector), "v") == without_zeros(vector)


@given(st.binary(max_size=80))
def test_a_vector_has_exactly_one_encoding(data):
    try:
        vector = decode_entries(data)
    except InvalidInput:
        return
    assert encode_entries(vector) == data


def entries(*pairs):
    return b"".join(key.to_bytes(4, "big") + weight.to_bytes(4, "big") for key, weight in pairs)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "8 bytes"),
        (entries((1, MILLION))[:-1], "8 bytes"),
        (entries((2, 1), (1, MILLION - 1)), "ascending"),
        (entries((1, 1), (1, MILLION - 1)), "ascending"),
        (entries((1, 0), (2, MILLION)), "above 0"),
        (entries((1, MILLION - 1)), "sum"),
        (entries((1, MILLION), (2, 1)), "sum"),
    ],
)
def test_malformed_entries_are_refused(data, reason):
    with pytest.raises(InvalidInput, match=reason):
        decode_entries(data)


def test_the_training_pool_is_the_first_entry():
    assert decode_entries(encode_entries({3: 1, 0: 999_999})) == {0: 999_999, 3: 1}


@pytest.mark.parametrize(
    "items",
    [
        [],
        None,
        [{"recording": 1, "weight": 999_999}],
        [{"recording": 1, "weight": MILLION, "note": 1}],
        [{"recording": 1}],
        [{"recording": True, "weight": MILLION}],
        [{"recording": 2, "weight": 1}, {"recording": 1, "weight": 999_999}],
        [{"recording": 1, "weight": 0}, {"recording": 2, "weight": MILLION}],
        [{"recording": -1, "weight": MILLION}],
        [{"recording": 1, "weight": 2.5}],
    ],
)
def test_json_that_is_not_a_vector_is_refused(items):
    with pytest.raises(InvalidInput):
        vector_from(items, "v")


def test_realised_counts_audible_frames():
    trace = trace_json(request(), GENERATION, draws=[1, 1, 2, 2, 0],
                       frames_drawn=[300, 0, 100, 0, 100])  # fmt: skip
    assert vector_of(trace, "realised") == {0: 200_000, 1: 600_000, 2: 200_000}


def test_declared_is_the_prior_without_zeros():
    assert vector_of(trace_json(request(), GENERATION), "declared") == {1: 500_000, 2: 500_000}


def test_a_reference_that_is_never_drawn_has_no_weight():
    trace = trace_json(request(), GENERATION, draws=[2] * 10)
    assert vector_of(trace, "realised") == {2: MILLION}


@given(st.permutations(range(5)))
def test_the_order_of_the_units_changes_nothing(order):
    draws, frames = [1, 2, 1, 2, 2], [10, 20, 30, 40, 0]
    trace = trace_json(request(), GENERATION, draws=draws, frames_drawn=frames)
    turned = trace_json(
        request(), GENERATION, draws=[draws[i] for i in order],
        frames_drawn=[frames[i] for i in order],
    )  # fmt: skip
    assert vector_of(turned, "realised") == vector_of(trace, "realised")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"draws": [3] * 10}, r"trace.draws\[0\]"),
        ({"draws": []}, "trace.draws"),
        ({"draws": None}, "trace.draws"),
        ({"frames_drawn": [1]}, "trace.frames_drawn"),
        ({"frames_drawn": [-1] * 10}, r"trace.frames_drawn\[0\]"),
        ({"frames_drawn": [0] * 10}, "scores"),
        ({"references": []}, "trace.references"),
        ({"references": [{"recording": 2}, {"recording": 1}]}, r"trace.references\[1\].recording"),
    ],
)
def test_a_trace_with_lists_that_do_not_match_is_refused(changes, field):
    with pytest.raises(InvalidInput, match=field):
        vector_of(trace_json(request(), GENERATION, **changes), "realised")


@pytest.mark.parametrize("prior", [[0, 500_000], [0, 1, 1], [500_000, 500_000, 1], [0, 0.5, 1]])
def test_a_prior_that_does_not_sum_to_a_million_is_refused(prior):
    with pytest.raises(InvalidInput, match=r"trace\.prior"):
        vector_of(trace_json(request(), GENERATION, prior=prior), "declared")


def test_audible_divides_by_energy():
    trace = trace_json(request(), GENERATION, audible=[0, 3 * 10**15, 10**15])
    assert vector_of(trace, "audible") == {1: 750_000, 2: 250_000}


@pytest.mark.parametrize(
    ("audible", "field"),
    [
        (None, r"trace\.audible"),
        ([0, 1], r"trace\.audible"),
        ([0, 1, -1], r"trace\.audible\[2\]"),
        ([0, True, 1], r"trace\.audible\[1\]"),
        ([0, 2**63, 1], r"trace\.audible\[1\]"),
        ([0, 0, 0], r"trace\.audible: must hold an energy above 0"),
    ],
)
def test_energies_that_divide_nothing_are_refused(audible, field):
    with pytest.raises(InvalidInput, match=field):
        vector_of(trace_json(request(), GENERATION, audible=audible), "audible")


@pytest.mark.parametrize("rule", ["responsibility", "shapley", ""])
def test_other_rules_are_not_computed_from_a_trace(rule):
    with pytest.raises(InvalidInput, match="rule"):
        vector_of(trace_json(request(), GENERATION), rule)


@pytest.mark.parametrize("vector", [{}, {1: 1}, {1: MILLION, 2: 1}, {2**32: MILLION}])
def test_a_vector_that_does_not_sum_to_a_million_is_not_encoded(vector):
    with pytest.raises(InvalidInput):
        encode_entries(vector)
