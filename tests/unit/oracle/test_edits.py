"""Edits: a trace counts only frames that its edits play, of drawn components."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.attribution import vector_of
from oracle.domain.edits import LONGEST_FADE, Grid, require_counted
from oracle.domain.errors import InvalidInput
from tests.support.samples import laid, request, trace_json

COMPONENTS = st.lists(st.integers(1, 2), min_size=2, max_size=8)


def spoiled(index, **changes):
    """The trace of five seconds, 1 2 1 2 1, with one edit changed."""
    trace = laid(1, 2, 1, 2, 1)
    trace["edits"][index] |= changes
    return trace


@given(COMPONENTS)
def test_played_frames_are_counted(components):
    require_counted(laid(*components))


@given(COMPONENTS, st.data())
def test_a_unit_counts_its_frames(components, data):
    trace = laid(*components)
    unit = data.draw(st.integers(0, len(trace["draws"]) - 1))
    trace["frames_drawn"][unit] = data.draw(st.integers(0, 50_000) | st.just(22_050))
    if trace["frames_drawn"][unit] == 22_050:
        require_counted(trace)
    else:
        with pytest.raises(InvalidInput, match=rf"frames_drawn\[{unit}\]"):
            require_counted(trace)


@given(COMPONENTS, st.data())
def test_frames_of_another_component_cannot_be_counted(components, data):
    trace = laid(*components)
    unit = data.draw(st.integers(0, len(trace["draws"]) - 1))
    trace["draws"][unit] = 3 - trace["draws"][unit]
    with pytest.raises(InvalidInput, match="another component was drawn"):
        require_counted(trace)


def test_a_long_edit_counts_in_every_beat_it_plays():
    trace = laid(1, 1, 2)
    # The first edit of the harmonic layer covers two beats; the second edit is removed.
    trace["edits"][0]["length"] = 2 * 44_100
    del trace["edits"][2]
    require_counted(trace)


def test_a_unit_that_is_not_heard_in_its_beat_counts_nothing():
    trace = laid(1, 2)
    trace["levels"][0] = 99 * trace["levels"][1]
    require_counted(trace)
    trace["levels"][0] += 1
    with pytest.raises(InvalidInput, match=r"frames_drawn\[1\]"):
        require_counted(trace)
    trace["frames_drawn"][1] = 0
    require_counted(trace)


def test_a_unit_below_the_floor_counts_nothing():
    trace = laid(1, 2)
    trace["levels"][0] -= 1
    with pytest.raises(InvalidInput, match=r"frames_drawn\[0\]"):
        require_counted(trace)
    trace["frames_drawn"][0] = 0
    require_counted(trace)


def test_an_edit_ends_at_the_next_edit_of_its_layer():
    require_counted(spoiled(0, length=44_100 + LONGEST_FADE))
    with pytest.raises(InvalidInput, match="frames too late"):
        require_counted(spoiled(0, length=44_100 + LONGEST_FADE + 1))


def test_silence_within_a_beat_is_not_counted():
    trace = spoiled(1, length=40_000)
    with pytest.raises(InvalidInput, match="20000"):
        require_counted(trace)
    trace["frames_drawn"][1] = 20_000
    require_counted(trace)


def test_a_layer_may_play_nothing():
    trace = laid(1, 2)
    trace["edits"] = [edit for edit in trace["edits"] if edit["layer"] == "harmonic"]
    trace["frames_drawn"] = [22_050, 0, 22_050, 0]
    require_counted(trace)
    trace["frames_drawn"][1] = 22_050
    with pytest.raises(InvalidInput, match=r"frames_drawn\[1\]"):
        require_counted(trace)


def test_the_order_of_edits_changes_nothing():
    trace = laid(1, 2, 1, 2, 1)
    trace["edits"].reverse()
    require_counted(trace)


@pytest.mark.parametrize(
    ("trace", "field"),
    [
        (spoiled(2, component=1), r"edits\[2\].component"),
        (spoiled(2, unit=4), r"edits\[2\].unit"),
        (spoiled(2, unit=3), r"edits\[2\].unit"),
        (spoiled(2, unit=10), r"edits\[2\].unit"),
        (spoiled(2, start=44_099), r"edits\[2\].unit"),
        (spoiled(2, start=0), r"edits\[0\].start"),
        (spoiled(8, length=44_101), r"edits\[8\].length"),
        (spoiled(8, start=5 * 44_100), r"edits\[8\].length"),
        (spoiled(8, length=44_099 - 1), r"frames_drawn\[8\]"),
        (spoiled(2, layer="vocal"), r"edits\[2\].layer"),
        (spoiled(2, start=-1), r"edits\[2\].start"),
        (spoiled(2, length=1.5), r"edits\[2\].length"),
        ({**laid(1), "edits": []}, "edits"),
        ({**laid(1), "edits": None}, "edits"),
        ({**laid(1), "edits": [5]}, r"edits\[0\]"),
        (spoiled(2, step=511), r"edits\[2\].step"),
        (spoiled(2, step=2049), r"edits\[2\].step"),
        (spoiled(2, gain=0), r"edits\[2\].gain"),
        (spoiled(2, gain=True), r"edits\[2\].gain"),
        (spoiled(2, source=-4_411), r"edits\[2\].source"),
        (spoiled(2, fade_in=44_100, fade_out=1), r"edits\[2\].fade_in"),
        (spoiled(2, semitones=0), r"edits\[2\].semitones"),
        ({**laid(1), "draws": [1], "frames_drawn": [22_050]}, "draws"),
    ],
)
def test_a_trace_that_contradicts_its_edits_is_refused(trace, field):
    with pytest.raises(InvalidInput, match=field):
        require_counted(trace)


@given(st.integers(30, 300), st.integers(1, 400))
def test_a_beat_begins_at_its_bound(bpm, beats):
    grid = Grid((beats * 60 + 30) * 44_100 // bpm, bpm, beats)
    for beat in range(beats):
        assert grid.beat_at(grid.bound(beat)) == beat
        assert grid.beat_at(grid.bound(beat + 1) - 1) == beat


def test_the_sample_pays_what_it_plays():
    trace = trace_json(request(), "0x" + "ab" * 32)
    require_counted(trace)
    assert vector_of(trace, "realised") == {1: 600_000, 2: 400_000}
