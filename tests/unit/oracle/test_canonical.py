"""Canonical JSON: each value has one text, and ambiguous texts are refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain import canonical
from oracle.domain.errors import InvalidInput

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_written_value_is_read_as_the_same_value(value):
    assert canonical.loads(canonical.dumps(value)) == value


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_the_order_of_keys_changes_nothing(value):
    turned = dict(reversed(value.items()))
    assert canonical.dumps(turned) == canonical.dumps(value)


@given(VALUES)
def test_only_the_canonical_text_is_accepted_as_canonical(value):
    spaced = json.dumps(value, indent=1).encode()
    if spaced != canonical.dumps(value):
        with pytest.raises(InvalidInput, match="not canonical"):
            canonical.loads_canonical(spaced, "manifest")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":1,"a":2}', "same key twice"),
        ('{"a":{"b":1,"b":1}}', "same key twice"),
        ("NaN", "not whole"),
        ("[Infinity]", "not whole"),
        ("1e400", "not whole"),
        ("1.0", "not whole"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udc00":1}', "surrogate"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("1 2", "not JSON"),
        ("\ufeff1", "not JSON"),
        ("[" * 40 + "]" * 40, "nested"),
        ("[" * 100_000, "nested"),
        ("9" * 5_000, "too many digits"),
    ],
)
def test_a_text_with_an_ambiguity_is_refused(text, reason):
    with pytest.raises(InvalidInput, match=reason):
        canonical.loads(text)


@pytest.mark.parametrize("text", ['"[[[[' + "[" * 100 + '"', '{"a\\"[":' + '"' + "{" * 100 + '"}'])
def test_brackets_inside_strings_do_not_count_as_nesting(text):
    assert canonical.loads(text) == json.loads(text)


def test_bytes_that_are_not_utf_8_are_refused():
    with pytest.raises(InvalidInput, match="not JSON"):
        canonical.loads(b'"\xff"')


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, {1: 2}, b"x", {"a": {1, 2}}])
def test_a_value_without_a_canonical_text_is_refused(value):
    with pytest.raises(InvalidInput):
        canonical.dumps(value)


def test_letters_are_not_escaped():
    assert (
        canonical.dumps({"b": "ü", "a": [1, True, None]}) == '{"a":[1,true,null],"b":"ü"}'.encode()
    )


def test_a_value_that_is_nested_too_deep_is_not_written():
    value = []
    for _ in range(canonical.DEEPEST + 2):
        value = [value]
    with pytest.raises(InvalidInput, match="nested"):
        canonical.dumps(value)
