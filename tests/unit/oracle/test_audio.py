"""WAV files: exactly one header is accepted, and differences count in steps of the last bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.audio import largest_difference, read_wave
from oracle.domain.errors import InvalidInput
from tests.support.samples import wave

SAMPLES = st.lists(st.integers(-32_768, 32_767), min_size=2, max_size=20).map(
    lambda values: values[: len(values) // 2 * 2]
)


@given(SAMPLES)
def test_a_written_file_is_read(samples):
    found = read_wave(wave(samples))
    assert found.frames == len(samples) // 2
    assert wave(samples)[44:] == found.pcm


@pytest.mark.parametrize("place", range(44))
def test_a_change_of_any_header_byte_is_refused(place):
    data = bytearray(wave([1, 2, 3, 4]))
    data[place] ^= 1
    with pytest.raises(InvalidInput):
        read_wave(bytes(data))


@pytest.mark.parametrize(
    "change", [lambda d: d[:-1], lambda d: d + b"LIST", lambda d: d[:44], lambda d: d[:9]]
)
def test_missing_or_extra_bytes_are_refused(change):
    with pytest.raises(InvalidInput):
        read_wave(change(wave([1, 2, 3, 4])))


def test_half_a_frame_is_refused():
    with pytest.raises(InvalidInput):
        read_wave(wave([1, 2, 3]))


@given(SAMPLES)
def test_equal_samples_do_not_differ(samples):
    pcm = read_wave(wave(samples)).pcm
    assert largest_difference(pcm, pcm) == 0


@given(st.lists(st.tuples(*[st.integers(-32_768, 32_767)] * 2), min_size=2, max_size=9))
def test_the_largest_difference_is_found(pairs):
    pairs = pairs[: len(pairs) // 2 * 2]
    one = read_wave(wave([a for a, _ in pairs])).pcm
    other = read_wave(wave([b for _, b in pairs])).pcm
    assert largest_difference(one, other) == max(abs(a - b) for a, b in pairs)


def test_a_difference_in_a_late_part_is_found():
    one, other = bytes(300_000), bytes(299_998) + b"\x02\x00"
    assert largest_difference(one, other) == 2


def test_samples_of_different_length_are_refused():
    with pytest.raises(InvalidInput, match="length"):
        largest_difference(bytes(4), bytes(8))
