"""The demo catalogue is music on a grid, and the same bytes on every machine."""

import hashlib
import os
import re
import struct
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from scripts.songs import SONGS, Song, render_catalogue, render_song
from scripts.songs.maths import RATE
from scripts.songs.performance import bars_of, notes_of
from scripts.songs.shelf import path_of, stamps
from scripts.songs.song import STEPS
from scripts.songs.voices import VOICES
from scripts.songs.wave import wav

ROOT = Path(__file__).resolve().parents[3]
BY_SLUG = {song.slug: song for song in SONGS}
SLUGS = sorted(BY_SLUG)
NO_WIDE_UNITS = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3"
HASH_OF_A_SHORT_SONG = """
import hashlib
from dataclasses import replace
from scripts.songs import SONGS, render_song
from scripts.songs.wave import wav
short = replace(SONGS[0], form=("intro", "end"))
print(hashlib.sha256(wav(render_song(short))).hexdigest())
"""


def short(song: Song) -> Song:
    """Its introduction and its last bar only."""
    return replace(song, form=("intro", "end"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("catalogue")
    render_catalogue(place)
    return place


def samples_of(path: Path) -> np.ndarray:
    """Frames of a 16-bit stereo WAV with a 44-byte header: shape (frames, 2) in -1..1."""
    return np.frombuffer(path.read_bytes()[44:], "<i2").reshape(-1, 2) / 32_768.0


def test_at_least_nine_songs_by_four_artists_in_three_tempo_families() -> None:
    families = Counter(min((90, 120, 140), key=lambda bpm: abs(bpm - song.bpm)) for song in SONGS)
    assert len(SONGS) >= 9
    assert len({song.artist for song in SONGS}) == 4
    assert set(families) == {90, 120, 140} and min(families.values()) >= 3


def test_songs_of_a_family_are_within_four_per_cent() -> None:
    for middle in (90, 120, 140):
        family = [song.bpm for song in SONGS if abs(song.bpm - middle) < 10]
        assert max(family) / min(family) < 1.05


def test_codes_are_well_formed_unique_and_from_no_agency() -> None:
    codes = [song.isrc for song in SONGS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"ZZ[A-Z0-9]{3}\d{7}", code) for code in codes)
    assert len({song.slug for song in SONGS}) == len({song.key for song in SONGS}) == len(SONGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_fills_its_bars(slug: str) -> None:
    song = BY_SLUG[slug]
    assert set(song.form) == set(song.sections)
    for part in song.parts:
        for section, text in part.lines.items():
            bars = text.split("|")
            if part.style == "tune":
                assert len(bars) == len(song.sections[section].bars)
                lengths = [sum(int(t.split(":")[1]) for t in bar.split()) for bar in bars]
            else:
                lengths = [len(bar.strip()) for bar in bars]
            assert set(lengths) == {STEPS}, (part.voice, section)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_drum_pattern_fills_its_bars(slug: str) -> None:
    drums = BY_SLUG[slug].drums
    patterns = [text for lines in drums.lines.values() for text in lines.values()]
    for text in (*patterns, *drums.fill.values()):
        assert {len(bar) for bar in text.split("|")} == {STEPS}
    assert drums.kick in drums.gains


@pytest.mark.parametrize("slug", SLUGS)
def test_tunes_rest_on_their_chords(slug: str) -> None:
    from scripts.songs import harmony

    song = BY_SLUG[slug]
    bars = {bar.step: bar for bar in bars_of(song)}
    sounding = inside = 0
    for part in (part for part in song.parts if part.style == "tune"):
        for note in notes_of(song, part):
            bar = bars[note.step // STEPS * STEPS]
            tones = harmony.chord(bar.chords[bar.at(note.step % STEPS)])[2]
            sounding += note.length
            inside += note.length * (note.pitch % 12 in tones)
    assert inside / sounding > 0.75


@pytest.mark.parametrize("voice", sorted(VOICES))
def test_a_voice_is_in_tune_and_starts_and_ends_in_silence(voice: str) -> None:
    sound = VOICES[voice](57, RATE, 0.8, 0)
    assert np.abs(sound[0]).max() < 1e-3 and np.abs(sound[-1]).max() < 1e-3
    spectrum = np.abs(np.fft.rfft(sound.mean(axis=1) * np.hanning(len(sound)), 1 << 18))
    hertz = np.fft.rfftfreq(1 << 18, 1 / RATE)
    near = (hertz > 220 * 2 ** (-0.8 / 12)) & (hertz < 220 * 2 ** (0.8 / 12))
    found = hertz[near][np.argmax(spectrum[near])]
    assert abs(1200 * np.log2(found / 220)) < 20  # a detuned unison leans by a few cents


@pytest.mark.parametrize(
    "setting",
    [{"OMP_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "5", "OPENBLAS_NUM_THREADS": "5"},
     {"NPY_DISABLE_CPU_FEATURES": NO_WIDE_UNITS}],
    ids=["one thread", "five threads", "no wide units"],
)
def test_threads_and_vector_units_change_no_byte(setting: dict[str, str]) -> None:
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HASH_OF_A_SHORT_SONG],
        cwd=ROOT, env={**os.environ, **setting}, capture_output=True, text=True, check=True,
    )
    here = hashlib.sha256(wav(render_song(short(SONGS[0])))).hexdigest()
    assert child.stdout.strip() == here


def test_a_file_has_44_bytes_of_header_and_nothing_behind_its_samples() -> None:
    data = wav(np.zeros((10, 2)))
    assert len(data) == 44 + 40
    assert struct.unpack("<4sI4s4sIHHIIHH4sI", data[:44]) == (
        b"RIFF", 76, b"WAVE", b"fmt ", 16, 1, 2, RATE, 4 * RATE, 4, 16, b"data", 40
    )


@pytest.mark.slow
def test_a_file_that_is_there_is_left_alone_and_a_damaged_one_is_made_again(
    folder: Path, tmp_path: Path
) -> None:
    kept, broken = SONGS[0], SONGS[1]
    for song in (kept, broken):
        path_of(song, tmp_path).write_bytes(path_of(song, folder).read_bytes())
    path_of(broken, tmp_path).write_bytes(b"RIFF")
    lines: list[str] = []
    paths = render_catalogue(tmp_path, lines.append, (kept, broken), workers=1)
    assert paths == [path_of(kept, tmp_path), path_of(broken, tmp_path)]
    assert lines == [f"{kept.slug}: there", f"{broken.slug}: rendered"]
    assert paths[1].read_bytes() == path_of(broken, folder).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_the_file_is_the_stamped_one(folder: Path, slug: str) -> None:
    data = path_of(BY_SLUG[slug], folder).read_bytes()
    assert hashlib.sha256(data).hexdigest() == stamps()[slug]


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_length_level_and_headroom(folder: Path, slug: str) -> None:
    sound = samples_of(path_of(BY_SLUG[slug], folder))
    assert 30 * RATE <= len(sound) <= 40 * RATE
    assert abs(pyloudnorm.Meter(RATE).integrated_loudness(sound) + 16.0) < 0.3
    assert np.abs(sound).max() < 0.86
    assert np.abs(sound.mean(axis=0)).max() < 1e-4
    assert np.abs(sound[-RATE // 20 :]).max() < 1e-3
    assert 9 < 20 * np.log10(np.abs(sound).max() / np.sqrt((sound**2).mean())) < 18


MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
NAMES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]


def chroma_of(mono: np.ndarray) -> np.ndarray:
    """How often each pitch class is prominent in a spectrum's peaks: shape (12,)."""
    size = 16_384
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    used = (hertz > 100) & (hertz < 1_000)
    classes = np.rint(12 * np.log2(hertz[used] / 440) + 9).astype(int) % 12
    chroma = np.zeros(12)
    for start in range(0, len(mono) - size, size // 4):
        level = np.abs(np.fft.rfft(mono[start : start + size] * np.hanning(size)))[used]
        level[1:-1] *= (level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])
        found = np.bincount(classes, level, 12)
        found = np.maximum(found - 0.25 * np.roll(found, 7), 0)  # third harmonics sound as fifths
        chroma += sum(found > share * found.sum() for share in (0.05, 0.1, 0.2, 0.4))
    return chroma


def key_of(sound: np.ndarray) -> str:
    """The key whose Krumhansl profile fits the pitch classes best."""
    chroma = chroma_of(sound.mean(axis=1))
    fits = [(float(np.corrcoef(chroma, np.roll(profile, tonic))[0, 1]), f"{NAMES[tonic]} {mode}")
            for tonic in range(12) for mode, profile in (("major", MAJOR), ("minor", MINOR))]
    return max(fits)[1]


@pytest.mark.slow
def test_most_songs_are_heard_in_the_key_they_declare(folder: Path) -> None:
    heard = {slug: key_of(samples_of(path_of(song, folder))) for slug, song in BY_SLUG.items()}
    right = [slug for slug in SLUGS if heard[slug] == BY_SLUG[slug].key]
    assert len(right) >= len(SONGS) - 2, heard


STRIDE = 220


def onsets(sound: np.ndarray) -> np.ndarray:
    """How much louder each 5 ms is than the 5 ms before, over 16 bands of a short spectrum."""
    window, count = 512, (len(sound) - 512) // STRIDE
    rows = np.stack([sound[i * STRIDE :][:window].mean(axis=1) for i in range(count)])
    power = np.abs(np.fft.rfft(rows * np.hanning(window), axis=1)) ** 2
    bands = np.stack([part.sum(axis=1) for part in np.array_split(power, 16, axis=1)])
    level = np.log10(bands + bands.mean(axis=1, keepdims=True))  # faint noise is no attack
    return np.maximum(level[:, 1:] - level[:, :-1], 0).sum(axis=0)


def comb(rises: np.ndarray, bpm: float, offset: float) -> float:
    """Mean rise at the beats of a tempo whose first is `offset` seconds in."""
    frames = np.arange(offset * RATE, (len(rises) - 1_200) * STRIDE, 60 / bpm * RATE)
    nearest = np.rint(frames / STRIDE).astype(int)
    return float(np.mean([rises[max(0, n - 3) : n + 3].max() for n in nearest]))


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_attacks_lie_on_the_declared_grid(folder: Path, slug: str) -> None:
    song = BY_SLUG[slug]
    rises = onsets(samples_of(path_of(song, folder)))
    first = song.frame(0) / RATE
    on_grid = comb(rises, song.bpm, first)
    assert on_grid > 6 * comb(rises, song.bpm, first + 15 / song.bpm / 2)  # between sixteenths
    for wrong in (song.bpm * 0.97, song.bpm * 1.03):
        assert on_grid > 3 * comb(rises, wrong, first)


@pytest.mark.slow
def test_songs_differ_in_colour(folder: Path) -> None:
    """Mean spectra in 24 bands: no two songs within 2 dB of each other."""
    spectra = []
    for slug in SLUGS:
        mono = samples_of(path_of(BY_SLUG[slug], folder)).mean(axis=1)
        power = np.abs(np.fft.rfft(mono)) ** 2
        edges = np.geomspace(40, 16_000, 25) / RATE * len(mono)
        bands = [power[int(a) : int(b)].mean() for a, b in pairwise(edges)]
        spectra.append(10 * np.log10(bands))
    for index, one in enumerate(spectra):
        for other in spectra[:index]:
            assert np.std(one - other) > 2.0
