"""The mix: tracks, one echo, one reverb, a soft limiter, and the final loudness."""

from typing import Final

import numpy as np

from scripts.songs import space, tracks
from scripts.songs.filters import without_lows
from scripts.songs.loudness import gain_to
from scripts.songs.maths import RATE, Signal, seconds, smooth
from scripts.songs.song import Song

LOUDNESS: Final = -16.0
KNEE: Final = 0.5
CEILING: Final = 0.86


def bend(signal: Signal) -> Signal:
    """Linear up to KNEE, then a curve that never reaches CEILING."""
    size = np.abs(signal)
    over = np.maximum(size - KNEE, 0.0) / (CEILING - KNEE)
    bent = KNEE + (CEILING - KNEE) * over / (1.0 + over)
    return np.copysign(np.where(size > KNEE, bent, size), signal)


def _sum(song: Song) -> Signal:
    drums = tracks.play_drums(song)
    drums = drums * gain_to(drums, -14.0)
    if song.drums.drive:
        drums = tracks.saturate(drums * song.drums.drive)
    drums = drums * gain_to(drums, song.drums.level)
    mix, room, echo = drums.copy(), drums * song.drums.room, np.zeros_like(drums)
    for part in song.parts:
        track = tracks.shaped(song, part, tracks.play_part(song, part))
        mix += track
        room += part.room * track
        echo += part.echo * track
    repeats = space.echo(echo, song.frame(song.echo) - song.frame(0))
    return mix + repeats + space.reverb(room + 0.3 * repeats, song.room)


def _ending(song: Song, mix: Signal) -> Signal:
    left = (song.frames / RATE - 0.1 - seconds(song.frames)) / 3.4
    fade = smooth(left)
    return mix * fade[:, None]


def render_song(song: Song) -> Signal:
    """The finished song: shape (frames, 2), float64 in (-0.86, 0.86), about -16 LUFS."""
    mix = _ending(song, without_lows(_sum(song), 24.0))
    gain = gain_to(mix, LOUDNESS)
    loud = bend(mix * gain)
    return bend(mix * (gain * gain_to(loud, LOUDNESS)))
