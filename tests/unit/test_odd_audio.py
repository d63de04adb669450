"""The odd files are as odd as they say."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from generator.audio.decode import AudioError, decode
from tests.support.odd_audio import GOOD, REFUSED, SECONDS, write_odd_audio


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("odd")
    assert sorted(write_odd_audio(place)) == sorted(place.iterdir())
    return place


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_holds_the_music_its_name_promises(folder: Path, name: str) -> None:
    sound, rate = soundfile.read(folder / name, always_2d=True)
    recipe = GOOD[name]
    assert (rate, sound.shape[1]) == (recipe.rate, recipe.channels)
    assert soundfile.info(folder / name).subtype == recipe.subtype
    assert len(sound) / rate == pytest.approx(SECONDS, abs=0.01)
    assert 0.5 < np.abs(sound).max() < 0.75


def test_refused_files_are_silent_short_broken_or_no_numbers(folder: Path) -> None:
    assert not soundfile.read(folder / "silent.wav")[0].any()
    assert soundfile.info(folder / "brief.wav").duration == 1.5
    assert np.isnan(soundfile.read(folder / "not numbers.wav")[0]).any()
    for name in ("text.wav", "empty.wav", "truncated.flac"):
        with pytest.raises(soundfile.LibsndfileError):
            soundfile.read(folder / name)
    assert len(REFUSED) == 7


def test_a_truncated_file_is_shorter_than_its_header_says(folder: Path) -> None:
    data = (folder / "truncated.wav").read_bytes()
    assert int.from_bytes(data[40:44], "little") > len(data) - 44


@pytest.mark.parametrize("name", REFUSED)
def test_no_node_takes_a_refused_file(folder: Path, name: str) -> None:
    with pytest.raises(AudioError, match="audio"):
        decode(folder / name)


@pytest.mark.parametrize("name", GOOD)
def test_every_node_takes_a_good_file(folder: Path, name: str) -> None:
    assert decode(folder / name).rate == GOOD[name].rate
