"""A decoded file as the layer separation reads it: in order, in parts, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cache
from typing import TYPE_CHECKING

from generator.audio.decode import RATE, Decoded
from generator.audio.resample import highpass, resampled, resampled_frames, stereo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]
    Listen = Callable[[Samples], None]

SETTLED = RATE // 2
"""Samples after which nothing is left of the high-pass filter's answer to a step."""


def unheard(samples: Samples) -> None:
    """A listener that does nothing."""


class Prepared:
    """Stereo at 44,100 Hz, high-passed at 25 Hz: the input of the layer separation.

    The samples are computed while they are read, and forgotten once a later part is read. Pieces
    give the same samples as the whole.

    Args:
        decoded: the file; it is released after the last sample.
        listen: receives all samples once, in order, as (frames, 2), for measurements. In them the
            file goes on before its start as it begins: a direct current is no step at the start.
    """

    def __init__(self, decoded: Decoded, listen: Listen = unheard) -> None:
        import numpy as np

        self.digest = decoded.digest
        self._frames = resampled_frames(len(decoded.samples), decoded.rate)
        self._pieces = _pieces(decoded, listen)
        self._kept = np.zeros((0, 2))
        self._first = 0

    def __len__(self) -> int:
        return self._frames

    def __getitem__(self, part: slice) -> Samples:
        """Samples start..stop-1. A part never begins before an earlier part did.

        Raises:
            ValueError: the beginning of the part is forgotten already.
        """
        import numpy as np

        if part.start < self._first:
            raise ValueError(f"samples before {self._first} are forgotten, {part.start} is asked")
        kept, last = [self._kept[part.start - self._first :]], self._first + len(self._kept)
        self._first = part.start
        while last < min(part.stop, self._frames):
            kept.append(next(self._pieces))
            last += len(kept[-1])
        if last >= self._frames:
            self._pieces.close()  # it holds the decoded file
        self._kept = np.concatenate(kept) if len(kept) > 1 else kept[0]
        return self._kept[: max(0, part.stop - part.start)]


def _pieces(decoded: Decoded, listen: Listen) -> Generator[Samples]:
    samples, rate = decoded.samples, decoded.rate
    first = state = None
    start = 0
    for piece in resampled(lambda low, high: stereo(samples[low:high]), len(samples), rate):
        first = piece[0].copy() if first is None else first
        filtered, state = highpass(piece, state)
        listen(_settled(filtered, start, first))
        start += len(piece)
        yield filtered


def _settled(filtered: Samples, start: int, first: Samples) -> Samples:
    """The samples without the answer to the step from silence to the first sample."""
    step = _step()[start : start + len(filtered)]
    if len(step) == 0:
        return filtered
    settled = filtered.copy()
    settled[: len(step)] -= step[:, None] * first
    return settled


@cache
def _step() -> Samples:
    import numpy as np

    return highpass(np.ones((SETTLED, 1)))[0][:, 0]
