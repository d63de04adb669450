"""Environment variables: each check names the variable, and no secret is repeated."""

import pytest

from oracle.domain import environment
from oracle.domain.errors import InvalidInput
from oracle.domain.secret import Secret


@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_empty_variable_counts_as_not_set(value):
    found = {} if value is None else {"REFRAIN_X": value}
    assert environment.optional(found, "REFRAIN_X", "other") == "other"
    assert environment.integer(found, "REFRAIN_X", 7, 1, 9) == 7
    with pytest.raises(InvalidInput, match="REFRAIN_X: must be set"):
        environment.needed(found, "REFRAIN_X")


def test_spaces_around_a_value_are_ignored():
    assert environment.needed({"REFRAIN_X": " a b "}, "REFRAIN_X") == "a b"
    assert environment.integer({"REFRAIN_X": " 8 "}, "REFRAIN_X", 7, 1, 9) == 8


@pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "+3", "1e1", "\u0663", "9" * 5_000, "x"])
def test_a_number_that_is_no_whole_number_in_range_is_refused(value):
    with pytest.raises(InvalidInput, match="REFRAIN_X: must be a whole number from 1 to 9"):
        environment.integer({"REFRAIN_X": value}, "REFRAIN_X", 7, 1, 9)


def test_a_port_has_sixteen_bits():
    assert environment.port({"REFRAIN_X": "65535"}, "REFRAIN_X", 80) == 65_535
    with pytest.raises(InvalidInput, match="1 to 65535"):
        environment.port({"REFRAIN_X": "65536"}, "REFRAIN_X", 80)


def test_a_url_loses_the_slash_at_its_end():
    assert environment.url("https://a.example/key/", "REFRAIN_X") == "https://a.example/key"


@pytest.mark.parametrize(
    "text", ["a.example:80", "ws://a", "http://", "http://[::1", "http://[x]/", "http://a b", " http://a",
             "http://a..b", "http://a:99999", "http://a:abc", "http://a:0", f"http://{64 * 'a'}"],
)  # fmt: skip
def test_other_text_than_a_web_url_is_refused(text):
    with pytest.raises(InvalidInput) as shown:
        environment.url(text, "REFRAIN_X")
    assert (shown.value.field, shown.value.value) == ("REFRAIN_X", text)
    with pytest.raises(InvalidInput) as hidden:
        environment.url(text, "REFRAIN_X", secret=True)
    assert hidden.value.value is None


def test_a_secret_prints_as_stars():
    made = Secret("correct horse")
    assert made.reveal() == "correct horse"
    assert "horse" not in f"{made} {made!r} {[made]}"
    assert (str(made), str(Secret(""))) == ("********", "")
