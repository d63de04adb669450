"""Which recordings the demo orders, from folders of any music."""

from pathlib import Path

import pytest

from scripts.demo.selection import choose, spread
from scripts.stack.catalogue_folder import COMMERCIAL, CONDITIONING, Offer
from scripts.stack.registration import Registered

BOTH = CONDITIONING | COMMERCIAL


def registered(number, bpm, artist="", uses=BOTH):
    artist = artist or f"artist {number}"
    offer = Offer(Path(f"{number}.wav"), f"song {number}", artist, "", artist, uses, ())
    return Registered(number, offer, ("0x" + "1" * 40,), 12.0, bpm)


@pytest.mark.parametrize("bpms", [(0,), (0, 0), (0, 120), (120, 0, 96, 0, 97, 140)])
def test_a_recording_without_a_beat_ends_no_choice(bpms):
    cast = choose([registered(number, bpm) for number, bpm in enumerate(bpms, 1)])
    assert 1 <= len(cast.chosen) == min(3, len(bpms))


def test_a_recording_without_a_beat_is_next_to_any_tempo():
    assert spread([registered(1, 0), registered(2, 137)]) == 0
    assert spread([registered(1, 0), registered(2, 100), registered(3, 140)]) > 0


def test_tempos_that_do_not_fit_are_not_chosen_together():
    cast = choose([registered(1, 100), registered(2, 140), registered(3, 101)])
    assert [item.recording for item in cast.chosen] == [1, 3]


def test_a_recording_that_may_not_be_used_commercially_is_kept_for_the_refusal():
    cast = choose([registered(1, 0), registered(2, 100, uses=CONDITIONING)])
    assert cast.unlicensed is not None and cast.unlicensed.recording == 2
    assert [item.recording for item in cast.chosen] == [1]


def test_nothing_to_use_is_said():
    with pytest.raises(ValueError, match="no recording"):
        choose([registered(1, 100, uses=CONDITIONING)])
