"""The time of the JSON parser is linear, whatever the text is; measured as CPU time.

A request body has at most 64 KiB and gets 0.1 s; the parser needs about a tenth of that. The tests
take the better of two runs, because a collection of garbage may fall into one.
"""

import contextlib
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oracle.domain import canonical, trace
from oracle.domain.errors import InvalidInput

BODY, TRACE = 64 * 1024, 16 * 1024 * 1024
BODY_SECONDS = 0.3
"""Processor time grows on a busy machine; alone, 64 KiB take less than 0.1 s."""
SECONDS_A_MEBIBYTE = 0.75

SHAPES = {
    "escaped quotes in a string that does not end": ('"', '\\"', ""),
    "quotes and backslashes": ("", '"\\', ""),
    "backslashes in a string that does not end": ('"', "\\\\", ""),
    "brackets that are not closed": ("", "[", ""),
    "brackets that are not opened": ("", "]", ""),
    "pairs of brackets": ("[", "[],", "[]]"),
    "objects": ("[", '{"a":1},', "{}]"),
    "strings": ("[", '"a\\"[",', '""]'),
    "quotes outside of strings": ("[", '"",', '""]'),
    "numbers": ("[", "1,", "1]"),
    "long numbers": ("[", "9" * 4300 + ",", "1]"),
    "a number with too many digits": ("", "9", ""),
    "a fraction with many digits": ("1.", "9", ""),
    "an exponent with many digits": ("1e", "9", ""),
    "half surrogate pairs": ('"', "\\ud800", '"'),
    "raw half surrogate pairs": ('"', b"\xed\xa0\x80", '"'),
    "escapes": ('"', "\\u0041", '"'),
    "letters of three bytes": ('"', "語", '"'),
    "line ends, for the number of the line": ("[", "\n", "x"),
    "a long key over many numbers": ('{"\\u0041' + "k" * (BODY // 2) + '":[', "1,", "1]}"),
    "deep and long keys over many numbers": (
        '{"\\u0041' + ('k" : {"' + "k" * (BODY // 80)) * 28 + '":[', "1,", "1]" + "}" * 29,
    ),
    "the same key": ("{", '"a":1,', '"a":1}'),
}  # fmt: skip


def filled(begin, unit, end, size):
    """A text of about `size` bytes that repeats `unit`."""
    begin, unit, end = (x if isinstance(x, bytes) else x.encode() for x in (begin, unit, end))
    return begin + unit * ((size - len(begin) - len(end)) // len(unit)) + end


def seconds(function, *arguments):
    """CPU seconds of this process for a call that may refuse; the better of two."""

    def once():
        started = time.process_time()
        with contextlib.suppress(InvalidInput):
            function(*arguments)
        return time.process_time() - started

    return min(once(), once())


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_body_of_any_shape_is_read_or_refused_in_time(shape):
    assert seconds(canonical.loads, filled(*shape, BODY)) <= BODY_SECONDS


def test_a_body_of_many_keys_is_read_in_a_tenth_of_a_second():
    text = "{" + ",".join(f'"{number:x}":{number}' for number in range(BODY // 14)) + "}"
    assert seconds(canonical.loads, text.encode()) <= BODY_SECONDS


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("size", [TRACE // 8, pytest.param(TRACE, marks=pytest.mark.long)])
def test_a_trace_of_any_shape_takes_time_in_proportion_to_its_size(shape, size):
    assert seconds(canonical.loads, filled(*shape, size)) <= SECONDS_A_MEBIBYTE * size / 2**20


@pytest.mark.parametrize("unit", ["[],", '{"a":1},', "1,", '"ab",', "[" * 30 + "]" * 30 + ","])
def test_a_trace_of_many_small_values_is_refused_before_it_fills_the_memory(unit):
    data = filled("[", unit, unit.rstrip(",") + "]", trace.LARGEST)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="at most 500000 values"):
            canonical.loads_canonical(data, "trace", trace.MOST_VALUES)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_trace_of_as_many_values_as_it_may_hold_is_read():
    data = b"[" + b"1," * (trace.MOST_VALUES - 2) + b"1]"
    assert len(canonical.loads_canonical(data, "trace", trace.MOST_VALUES)) == 499_999
    with pytest.raises(InvalidInput, match=r"found 500001"):
        canonical.loads_canonical(data.replace(b"[", b"[1,1,"), "trace", trace.MOST_VALUES)


PARTS = st.text('[]{}",:\\u0dD8eE+-.19ntf \n\x00ü', max_size=12) | st.sampled_from(
    ['"', '\\"', "\\\\", '{"a":', '"a":1,', "\\ud800", "\\udc00", "null,", "-0", "1e9", "9" * 4301]
)


@settings(max_examples=300, deadline=None)
@given(begin=PARTS, unit=PARTS.filter(len), end=PARTS)
@example(begin='"', unit='\\"', end="")
def test_a_repeated_text_is_read_or_refused_in_time(begin, unit, end):
    assert seconds(canonical.loads, filled(begin, unit, end, BODY)) <= BODY_SECONDS


def test_the_paths_of_a_deep_value_with_long_keys_are_not_built():
    value = [1] * (BODY // 2)
    for _ in range(canonical.DEEPEST - 1):
        value = {"k" * BODY: value}
    assert seconds(canonical.dumps, value) <= BODY_SECONDS


def test_an_error_names_its_place():
    with pytest.raises(InvalidInput) as caught:
        canonical.loads(b'{"a":[0,{"b":"\\ud800"}]}')
    assert caught.value.field == "a[1].b"


def test_the_name_of_a_place_has_at_most_eighty_characters():
    with pytest.raises(InvalidInput) as caught:
        canonical.loads(b'{"' + b"k" * BODY + b'":"\\ud800"}')
    assert caught.value.field == "k" * 80


@given(
    depth=st.integers(0, canonical.DEEPEST + 3),
    inner=st.text('[]{}"\\x'),
    outer=st.text('[]{}"\\x'),
)
def test_only_brackets_outside_of_strings_count_as_nesting(depth, inner, outer):
    value = inner
    for _ in range(depth):
        value = {outer: value}
    text = canonical._text(value)
    if depth <= canonical.DEEPEST:
        assert canonical.loads(text) == value
    else:
        with pytest.raises(InvalidInput, match="nested"):
            canonical.loads(text)
