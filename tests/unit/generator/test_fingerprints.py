"""Fingerprints: copies of every kind are found, covers are not, and stored bytes are checked."""

from __future__ import annotations

import threading
from shutil import copytree
from time import process_time

import numpy as np
import pytest

from generator.fingerprints.fingerprint import (
    MOST_PEAKS,
    PER_SECOND,
    RATE,
    TONES,
    Fingerprint,
    from_bytes,
)
from generator.fingerprints.index import MISSES, MOST_ALIKE, InvertedIndex
from generator.fingerprints.matching import COPY, Question, compared, match
from generator.fingerprints.peaks import fingerprint
from oracle.domain.errors import InvalidInput
from scripts.bench.copies import kinds
from scripts.bench.copies.measure import COVERS, FILLING, GRIDS, _filling, print_of, score_of
from scripts.bench.copies.songs import band, compose, cover, play

SONG = 3
SPEEDS = {"+5 %": 1_050_000, "-5 %": 952_381}


@pytest.fixture(scope="module")
def song():
    return play(compose(SONG), band(SONG), 12, kinds.RATE)


@pytest.fixture(scope="module")
def own(song):
    return print_of(song)


@pytest.mark.long
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_copy_of_every_kind_is_found_with_its_speed_and_pitch(song, own, kind):
    found = match(print_of(kinds.KINDS[kind](song)), own)
    assert found.score >= COPY
    speed = SPEEDS.get(kind[-4:], 1_000_000)
    assert abs(found.speed - speed) < 6_000
    tones = {"semitone up": 16, "semitone down": -16, "speed +5 %": 14, "speed -5 %": -14}
    assert abs(found.tones - tones.get(kind, 0)) <= 1


@pytest.mark.long
@pytest.mark.parametrize("seed", [COVERS, GRIDS])
def test_other_players_of_the_same_notes_are_no_copy(song, seed):
    tune = compose(SONG) if seed == GRIDS else cover(compose(SONG), SONG)
    again = play(tune, band(seed + SONG), 12, kinds.RATE)
    assert score_of(again, song) < COPY


def test_silence_and_noise_match_nothing(own):
    silent = fingerprint(np.zeros((40_000, 2), np.float32))
    noise = fingerprint(np.random.default_rng(1).standard_normal((40_000, 2)).astype(np.float32))
    assert len(silent) == 0
    for each in (silent, noise):
        found = match(each, own)
        assert found is None or found.score < COPY
    assert match(own, silent) is None


def after_a_beep(song):
    """30 dB under a tone of 0.2 s that comes first."""
    made, frames = song * np.float32(0.03), kinds.RATE // 5
    made[:frames] = 0.95 * np.sin(np.arange(frames) / 7)[:, None]
    return made


def equalised(song):
    """With 9 dB more in each higher octave."""
    hertz = np.maximum(np.fft.rfftfreq(len(song), 1 / kinds.RATE), 30)
    gain = 10 ** (9 / 20 * np.log2(hertz / 900))
    made = np.fft.irfft(np.fft.rfft(song, axis=0) * gain[:, None], len(song), axis=0)
    return (made / abs(made).max()).astype(np.float32)


def faded(song):
    """With 40 dB less at its end."""
    return (song * 10 ** np.linspace(0, -2, len(song))[:, None]).astype(np.float32)


@pytest.mark.parametrize("change", [after_a_beep, equalised, faded])
def test_a_cheap_edit_hides_no_copy(song, own, change):
    found = print_of(change(song))
    assert match(found, own).score >= COPY
    assert match(own, found).score >= COPY


def test_channels_in_antiphase_do_not_cancel_out(song):
    left = np.stack([song[:, 0], -song[:, 0]], axis=1)
    assert score_of(left, song) >= COPY


def test_a_fingerprint_is_bounded_and_survives_its_bytes(own):
    data = own.to_bytes()
    again = from_bytes(data)
    assert again.to_bytes() == data
    assert len(own) <= PER_SECOND * 13 and own.tones.max() < TONES
    assert len(data) == 12 + 7 * len(own)


def changed(data, place, value):
    return data[:place] + value + data[place + len(value) :]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: b"", "is not a fingerprint"),
        (lambda data: changed(data, 0, b"RFP2"), "is not a fingerprint"),
        (lambda data: data[:-1], "is not a fingerprint"),
        (lambda data: changed(data, 8, (MOST_PEAKS + 1).to_bytes(4, "little")), "is not a finger"),
        (lambda data: changed(data, 4, (1).to_bytes(4, "little")), "outside of its range"),
        (lambda data: changed(data, 12, data[40:44]), "must ascend"),
    ],
)
def test_damaged_bytes_are_refused(own, spoil, reason):
    with pytest.raises(InvalidInput, match=reason):
        from_bytes(spoil(own.to_bytes()))


@pytest.fixture(scope="module")
def others():
    return [(f"{seed:064d}", _filling(FILLING + seed)) for seed in range(2 * MOST_ALIKE + 1)]


def test_an_index_finds_the_same_before_and_after_it_merges_and_reopens(tmp_path, others, own):
    index = InvertedIndex(tmp_path)
    for name, found in others:
        index.add(name, found)
        index.add(name, own)  # a known name changes nothing
    files = len(list((tmp_path / "segments").glob("*.npy")))  # 17: two of eight, and one
    assert files == 3
    for opened in (index, InvertedIndex(tmp_path)):
        assert opened.matches(own, COPY) == []
        for name, found in others:
            assert [each for each, _ in opened.matches(found, COPY)] == [name]


@pytest.mark.long
def test_a_pirates_own_copies_do_not_hide_the_original(tmp_path, others):
    index, song = InvertedIndex(tmp_path), _signal(5)
    index.add("original", fingerprint(song))
    for number in range(MISSES + 2):
        assert "original" in [name for name, _ in index.matches(faked(song, number), COPY)]
        index.add(f"copy {number}", faked(song, number))


def faked(song, number):
    """A faster copy with a little noise of its own, so that no two files are the same."""
    hiss = np.random.default_rng(number).standard_normal(song.shape).astype(np.float32)
    return fingerprint(kinds.resampled(song + hiss / 1_000, 1.05))


def _signal(seed):
    return play(compose(seed), band(seed), 12, RATE)


def test_a_drone_is_compared_in_a_second():
    times = np.repeat(np.arange(4_800) * 5, 2)
    drone = Fingerprint(24_000, times, np.tile([100, 150], 4_800), np.full(9_600, 40))
    question, started = Question(drone), process_time()
    compared(question, drone)
    assert process_time() - started < 2.5


def test_a_merge_that_a_kill_interrupts_names_nothing_twice(tmp_path, others):
    index = InvertedIndex(tmp_path)
    for name, found in others[: MOST_ALIKE - 1]:
        index.add(name, found)
    copytree(tmp_path / "segments", tmp_path / "before")
    index.add(*others[MOST_ALIKE - 1])  # merges; a kill would leave the parts beside the whole
    copytree(tmp_path / "before", tmp_path / "segments", dirs_exist_ok=True)
    name, found = others[0]
    assert [each for each, _ in InvertedIndex(tmp_path).matches(found, COPY)] == [name]


def test_a_segment_without_its_names_is_not_read(tmp_path, others):
    index = InvertedIndex(tmp_path)
    name, found = others[0]
    index.add(name, found)
    (tmp_path / "segments" / "1.json").unlink()
    again = InvertedIndex(tmp_path)
    assert not again.holds(name)
    again.add(name, found)
    assert again.holds(name) and [each for each, _ in again.matches(found, COPY)] == [name]


def test_another_process_reads_all_names_while_segments_are_merged(tmp_path, others):
    """Each reading has everything that was added before it, and takes no draft away."""
    index, draft = InvertedIndex(tmp_path), tmp_path / "prints" / ".draft-of-the-writer"
    draft.parent.mkdir()
    draft.touch()
    added, wrong, ended = [], [], threading.Event()

    def read():
        while not ended.is_set():
            known = set(added)
            found = InvertedIndex(tmp_path, writes=False)
            wrong.extend(name for name in known if not found.holds(name))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        name = f"{number:064d}"
        index.add(name, others[number % len(others)][1])
        added.append(name)
    ended.set()
    reader.join()
    assert not wrong and draft.exists()
