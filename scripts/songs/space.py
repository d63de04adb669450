"""Echo and reverb in blocks of at most their shortest delay, so each block is one vector step."""

from typing import Final

import numpy as np

from scripts.songs.filters import without_highs, without_lows
from scripts.songs.maths import LOG2_1000, RATE, Signal, power_of_two

_DELAYS: Final = (1_201, 1_427, 1_693, 1_871, 2_053, 2_251, 2_437, 2_657)
_TAPS: Final = ((317, 0.5, 0), (521, 0.42, 1), (733, 0.36, 0), (919, 0.3, 1), (1_123, 0.24, 0))
_LINES: Final = len(_DELAYS)


def echo(send: Signal, frames: int, feedback: float = 0.42) -> Signal:
    """Repeats every `frames`, darker each time, left and right in turn: shape (n, 2) as `send`."""
    repeats = np.zeros_like(send)
    wave, level = send, 1.0
    for turn in range(1, 5):
        shift = turn * frames
        if shift >= send.shape[0]:
            break
        wave = without_highs(wave, 4_200.0)[:, ::-1]
        level *= feedback if turn > 1 else 0.7
        repeats[shift:] += level * wave[: send.shape[0] - shift]
    return repeats


def _early(send: Signal) -> Signal:
    first = np.zeros_like(send)
    for delay, level, side in _TAPS:
        first[delay:, side] += level * send[:-delay, side]
        first[delay + 37 :, 1 - side] += 0.5 * level * send[: -delay - 37, side]
    return first


def _losses(t60: float) -> Signal:
    return np.array([power_of_two(-LOG2_1000 * d / (t60 * RATE)) for d in _DELAYS])


def _turn(lines: Signal, start: int, size: int) -> Signal:
    rows = [
        0.22 * line[start - d - 1 : start - d - 1 + size]
        + 0.56 * line[start - d : start - d + size]
        + 0.22 * line[start - d + 1 : start - d + 1 + size]
        for line, d in zip(lines, _DELAYS, strict=True)
    ]
    return np.stack(rows)


def _mixed(rows: Signal) -> Signal:
    spread = rows[0].copy()
    for row in rows[1:]:
        spread += row
    return rows - spread * (2.0 / _LINES)


def reverb(send: Signal, t60: float) -> Signal:
    """A hall of eight delay lines after five early reflections: shape (n, 2) as `send`."""
    source = _early(send)
    block, offset = _DELAYS[0] - 2, _DELAYS[-1] + 2
    frames = source.shape[0]
    lines = np.zeros((_LINES, offset + frames + block))
    losses = _losses(t60)[:, None]
    for start in range(0, frames, block):
        size = min(block, frames - start)
        rows = _mixed(_turn(lines, offset + start, size)) * losses
        rows[0::2] += source[start : start + size, 0]
        rows[1::2] += source[start : start + size, 1]
        lines[:, offset + start : offset + start + size] = rows
    wet = np.zeros_like(source)
    for index in range(_LINES):
        sign = 1.0 if index % 4 < 2 else -1.0
        wet[:, index % 2] += sign * lines[index, offset : offset + frames]
    return without_lows(0.35 * wet + 0.5 * source, 180.0)
