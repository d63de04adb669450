"""Requests: one canonical text, and errors with field and value."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.prompt import require_opens
from oracle.domain.request import parse_request, require_private
from tests.support.samples import PROMPT, SALT, first_request_json, request, request_json

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "requests.json").read_text())
FIRST = parse_request(first_request_json())


def references(*pairs):
    return [{"recording": key, "weight": weight} for key, weight in pairs]


@given(st.permutations([(1, 200_000), (2, 300_000), (9, 500_000)]))
def test_the_order_of_references_changes_nothing(pairs):
    turned = request(references=references(*pairs))
    assert turned.digest() == request(references=references(*sorted(pairs))).digest()


@pytest.mark.parametrize("made", [request(), FIRST])
def test_the_canonical_text_is_parsed_to_the_same_request(made):
    assert parse_request(made.to_json()) == made


COMMITMENT = "aa6613429a4e70eaaa4b7905f5210dbd4763323474d7bf8f5cb7231b9d945742"
"""By sha256sum: of "Refrain prompt", a zero byte, 32 bytes 5a and "warm, slow"."""


def test_the_canonical_text_is_as_documented():
    assert request().canonical() == (
        b'{"engine":"mosaic","length":5,"prompt_commitment":"%b","references":'
        b'[{"recording":1,"weight":500000},{"recording":2,"weight":500000}],'
        b'"rule":"realised","tier":"commercial","version":2}' % COMMITMENT.encode()
    )
    assert PROMPT not in request().canonical().decode() and SALT not in str(request())


@pytest.mark.parametrize("vector", VECTORS, ids=["version 1", "version 2"])
def test_requests_of_both_versions_have_the_digest_of_the_vectors(vector):
    made = parse_request(vector["request"])
    assert made.version == vector["version"]
    assert (made.canonical().decode(), made.digest().hex()) == (
        vector["canonical"], vector["digest"],
    )  # fmt: skip
    if made.version == 2:
        require_opens(made.prompt_commitment, vector["prompt"], vector["salt"])
        assert vector["prompt"] not in vector["canonical"]


def test_the_first_version_still_has_its_text_and_digest():
    assert FIRST.canonical() == (
        b'{"engine":"mosaic","length":5,"prompt":"warm, slow","references":'
        b'[{"recording":1,"weight":500000},{"recording":2,"weight":500000}],'
        b'"rule":"realised","tier":"commercial"}'
    )
    assert (FIRST.version, request().version) == (1, 2)


def test_only_the_second_version_is_ordered():
    require_private(request())
    with pytest.raises(InvalidInput, match=r"request\.version: .*for ever"):
        require_private(FIRST)


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
        ({"version": 1}, "request.version"),
        ({"version": "2"}, "request.version"),
        ({"version": 3}, "request.version"),
        ({"prompt_commitment": ""}, "request.prompt_commitment"),
        ({"prompt_commitment": "AB" * 32}, "request.prompt_commitment"),
        ({"prompt_commitment": "0x" + "ab" * 32}, "request.prompt_commitment"),
        ({"prompt_commitment": 5}, "request.prompt_commitment"),
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


@pytest.mark.parametrize("text", ["", " \n", "x" * 501, "\ud800", 5])
def test_a_bad_prompt_of_the_first_version_is_named(text):
    with pytest.raises(InvalidInput, match=r"request\.prompt: "):
        parse_request(first_request_json(prompt=text))


def test_a_request_holds_a_text_or_a_commitment_and_not_both():
    with pytest.raises(InvalidInput, match=r"request\.prompt: is not a known field"):
        parse_request(first_request_json() | request_json())


@pytest.mark.parametrize("value", [request_json(), first_request_json()])
def test_every_key_is_required(value):
    for key in value.keys() - {"version", "prompt"}:
        with pytest.raises(InvalidInput, match=f"request.{key}: is missing"):
            parse_request({name: item for name, item in value.items() if name != key})
    for key in value.keys() & {"version", "prompt"}:
        with pytest.raises(InvalidInput, match=r"request\..*: is (missing|not a known field)"):
            parse_request({name: item for name, item in value.items() if name != key})


def test_an_error_has_the_found_value():
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
def test_any_json_is_a_request_or_a_refrain_error(value):
    try:
        parse_request(value)
    except InvalidInput as error:
        assert error.field.startswith("request")
