"""The track of each part: notes and hits are placed, panned and added."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np

from scripts.songs.dice import Dice
from scripts.songs.drums import HITS
from scripts.songs.filters import fir, lowpass, without_lows
from scripts.songs.loudness import gain_to
from scripts.songs.maths import RATE, Signal, decay, decibels, seconds, smooth
from scripts.songs.performance import FORCE, Note, bars_of, line_of, notes_of
from scripts.songs.song import Part, Song
from scripts.songs.voices import VOICES

SHADES: Final = 8
_WORKING: Final = -18.0


def saturate(signal: Signal) -> Signal:
    """Soft saturation, never above 1: x(27 + x^2) / (27 + 9 x^2)."""
    bounded = np.clip(signal, -3.0, 3.0)
    square = bounded * bounded
    return bounded * (27.0 + square) / (27.0 + 9.0 * square)


def place(track: Signal, sound: Signal, start: int, gain: float) -> None:
    """Adds a sound, shape (n, 2), to a track in place; the rest after the end is dropped."""
    end = min(track.shape[0], start + sound.shape[0])
    if end > start:
        track[start:end] += gain * sound[: end - start]


def swung(song: Song, step: int) -> int:
    """The frame of a sixteenth with the song's swing."""
    pair = song.frame(step - step % 2 + 2) - song.frame(step - step % 2)
    return song.frame(step) + (int((song.swing - 0.5) * pair) if step % 2 else 0)


def _start(song: Song, part: Part, note: Note, dice: Dice) -> int:
    loose = dice.within(0.004) + (part.late + part.strum * note.rank) / 1_000.0
    return max(0, swung(song, note.step) + int(loose * RATE))


def _length(song: Song, note: Note) -> int:
    """Rounded to 1/64 s, so that equal notes share one waveform."""
    grain = RATE // 64
    frames = song.frame(note.step + note.length) - song.frame(note.step)
    return max(grain, frames * 15 // 16 // grain * grain)


def play_part(song: Song, part: Part) -> Signal:
    """A part without effects and panning: shape (song.frames, 2)."""
    track = np.zeros((song.frames, 2))
    dice = Dice(song.slug, part.voice, part.style)
    voice = lru_cache(maxsize=400)(VOICES[part.voice])
    for note in notes_of(song, part):
        velocity = min(1.0, max(0.1, note.velocity + dice.within(0.05)))
        shade = round(velocity * SHADES) / SHADES
        sound = voice(note.pitch, _length(song, note), shade, note.step // 4 % 2)
        place(track, sound, _start(song, part, note, dice), 0.15 + 0.85 * velocity * velocity)
    return track


def _strokes(song: Song) -> Iterator[tuple[str, int, float]]:
    drums = song.drums
    for bar in bars_of(song):
        lines = drums.lines.get(bar.section, {})
        fills = bar.last and song.sections[bar.section].fill and bool(lines)
        shown = {**lines, **drums.fill} if fills else lines
        for piece, text in shown.items():
            line = line_of(text, bar.number)
            for step, sign in enumerate(line):
                if sign in FORCE:
                    yield piece, bar.step + step, FORCE[sign] * song.sections[bar.section].level


def play_drums(song: Song) -> Signal:
    """The drum kit without effects and panning: shape (song.frames, 2)."""
    track = np.zeros((song.frames, 2))
    dice = Dice(song.slug, "drums")
    hit = lru_cache(maxsize=200)(_hit)
    for piece, step, force in _strokes(song):
        velocity = min(1.0, max(0.1, force + dice.within(0.06)))
        sound = hit(song, piece, round(velocity * SHADES), step // 2 % 3)
        start = max(0, swung(song, step) + int(dice.within(0.0015) * RATE))
        place(track, sound, start, 0.1 + 0.9 * velocity * velocity)
    return track


def _hit(song: Song, piece: str, shade: int, take: int) -> Signal:
    sound = HITS[piece](Dice(song.slug, piece, take), shade / SHADES)
    side = song.drums.pans.get(piece, 0.0)
    return panned(np.repeat(sound[:, None], 2, axis=1), side) * decibels(
        song.drums.gains.get(piece, 0.0)
    )


def panned(stereo: Signal, side: float) -> Signal:
    """The sound panned from -1 (left) to 1 (right) at about constant power."""
    left, right = (1.0 - side) / 2.0, (1.0 + side) / 2.0
    return stereo * np.sqrt(np.array([2.0 * left, 2.0 * right]))


def ducking(song: Song, depth: float) -> Signal:
    """The factor by which the kick lowers a part: shape (song.frames, 1)."""
    curve = np.ones(song.frames)
    time = seconds(RATE // 3)
    dip = 1.0 - depth * smooth(time / 0.004) * decay(time, 0.55) * smooth((0.33 - time) / 0.1)
    for piece, step, _ in _strokes(song):
        if piece == song.drums.kick:
            window = curve[swung(song, step) :][: dip.size]
            np.minimum(window, dip[: window.size], out=window)
    return curve[:, None]


def shaped(song: Song, part: Part, track: Signal) -> Signal:
    """The part with its effects, level and panning: shape (song.frames, 2)."""
    track = without_lows(track, part.lows)
    if part.drive:
        driven = saturate(track * (gain_to(track, _WORKING) * 4.0 * part.drive))
        track = fir(driven, lowpass(3_400.0, 31))
    if part.duck:
        track = track * ducking(song, part.duck)
    return panned(track * gain_to(track, part.level), part.pan)
