"""Words of a prompt become integers by one table; nothing else of it does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain import canonical
from oracle.domain.controls import RANGES, read_controls
from oracle.domain.errors import Inconsistent
from oracle.domain.prompt_words import WORDS, controls_of
from oracle.domain.trace import read_trace, require_steered
from tests.support.samples import PROMPT, request, trace_json

GENERATION = "0x" + "ab" * 32


@pytest.mark.parametrize(
    ("prompt", "controls"),
    [
        ("", {}),
        ("a song for my mother at 12 Rose Lane", {}),
        ("Slow, dark and calm.", {"brightness": -1, "energy": -1, "tempo": -1}),
        ("FAST; percussive; dense", {"density": 1, "drums": 1, "tempo": 1}),
        ("no drums, sparse, bright", {"brightness": 1, "density": -1, "drums": -1}),
        ("without drums", {"drums": -1}),
        ("let it build", {"build": 1}),
        ("not calm", {}),
        ("fast, then slow", {}),
        ("darkness, slowly, drumstick", {}),
    ],
)
def test_words_move_their_controls(prompt: str, controls: dict[str, int]) -> None:
    assert controls_of(prompt) == controls


@given(st.text(max_size=500))
def test_any_prompt_gives_controls_that_a_trace_may_hold(prompt: str) -> None:
    found = controls_of(prompt)
    assert read_controls(found, "controls") == found


@given(st.lists(st.sampled_from(sorted(WORDS)), max_size=8))
def test_the_table_stays_within_the_ranges(words: list[str]) -> None:
    found = controls_of(" ".join(words))
    assert all(RANGES[name][0] <= value <= RANGES[name][1] for name, value in found.items())


def test_a_trace_with_other_controls_than_the_prompts_is_refused() -> None:
    made = read_trace(canonical.dumps(trace_json(request(), GENERATION)), request(), GENERATION)
    require_steered(made, PROMPT)
    with pytest.raises(Inconsistent) as caught:
        require_steered(made, "a secret wish, dense")
    assert caught.value.field == "trace.controls"
    assert "secret" not in str(caught.value)
