"""Requests: one text for one wish, and an error that names the field and what was found there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.request import parse_request
from tests.samples import request, request_json


def references(*pairs):
    return [{"recording": key, "weight": weight} for key, weight in pairs]


@given(st.permutations([(1, 200_000), (2, 300_000), (9, 500_000)]))
def test_the_order_of_references_changes_nothing(pairs):
    turned = request(references=references(*pairs))
    assert turned.digest() == request(references=references(*sorted(pairs))).digest()


def test_the_canonical_text_reads_back_as_the_request():
    assert parse_request(request().to_json()) == request()


def test_the_text_is_what_the_interface_says():
    assert request().canonical() == (
        b'{"engine":"mosaic","length":5,"prompt":"warm, slow","references":'
        b'[{"recording":1,"weight":500000},{"recording":2,"weight":500000}],'
        b'"rule":"realised","tier":"commercial"}'
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"engine": "radio"}, "request.engine"),
        ({"engine": None}, "request.engine"),
        ({"engine": ["mosaic"]}, "request.engine"),
        ({"length": 4}, "request.length"),
        ({"length": 121}, "request.length"),
        ({"length": "30"}, "request.length"),
        ({"length": True}, "request.length"),
        ({"length": 5.0}, "request.length"),
        ({"prompt": ""}, "request.prompt"),
        ({"prompt": " \n"}, "request.prompt"),
        ({"prompt": "x" * 501}, "request.prompt"),
        ({"prompt": "\ud800"}, "request.prompt"),
        ({"prompt": 5}, "request.prompt"),
        ({"rule": "fair"}, "request.rule"),
        ({"tier": "free"}, "request.tier"),
        ({"references": []}, "request.references"),
        ({"references": {}}, "request.references"),
        ({"references": references(*[(i, 1) for i in range(1, 14)])}, "request.references"),
        ({"references": references((1, 999_999))}, "request.references"),
        ({"references": references((1, 500_000), (1, 500_000))},
         r"request.references\[1\].recording"),
        ({"references": references((0, 1_000_000))}, r"request.references\[0\].recording"),
        ({"references": references((2**32, 1_000_000))}, r"request.references\[0\].recording"),
        ({"references": references((1, 1_000_000), (2, 0))}, r"request.references\[1\].weight"),
        ({"references": [{"recording": 1}]}, r"request.references\[0\].weight"),
        ({"references": [5]}, r"request.references\[0\]"),
        ({"surprise": 1}, "request.surprise"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named(changes, field):
    with pytest.raises(InvalidInput) as caught:
        parse_request(request_json(**changes))
    assert caught.match(field)


@pytest.mark.parametrize("key", ["engine", "length", "prompt", "references", "rule", "tier"])
def test_every_key_is_required(key):
    value = request_json()
    del value[key]
    with pytest.raises(InvalidInput, match=f"request.{key}: is missing"):
        parse_request(value)


def test_the_found_value_is_told():
    with pytest.raises(InvalidInput) as caught:
        request(references=references((1, 1_000_000), (2, -5)))
    assert caught.value.value == "-5"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*request_json(), "x", "weight"]), inner, max_size=6)
    ),
)


@given(JSON)
def test_whatever_comes_in_is_a_request_or_an_error_of_ours(value):
    try:
        parse_request(value)
    except InvalidInput as error:
        assert error.field.startswith("request")
