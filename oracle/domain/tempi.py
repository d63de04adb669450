"""Which references can play at one tempo: the same rule at the quote and in the engine `mosaic`.

Tempi of references are whole beats a minute, because an oracle knows no more of a recording. 0 is
a reference without a beat, which fits any tempo. Octaves do not matter: 70 bpm are 140 bpm.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from oracle.domain.edits import NATIVE

ENGINE = "mosaic"
"""The engine that plays all references at one tempo."""

SLOWEST, FASTEST = 80, 160
"""Range of a track's tempi in beats a minute, the upper end excluded: one octave."""

LEVELS = (1, 2)
"""Grains are beats at 60 to 120 a minute, or half beats at twice as many."""

STEPS = {0: 1024, -1: 967, 1: 1085, -2: 912, 2: 1149}
"""Source phases of 1/1024 frame per output frame, by semitones of varispeed: round(1024 *
2^(n/12)). A reference may play at each of these speeds; of equal costs the earlier one wins."""

TOO_FAR = 80_000
"""Mismatch, in millionths, above which the off-beats of two references fall apart."""

HIGHEST = 300
"""The highest tempo that a node may tell of a recording, in beats a minute."""

MILLION = 1_000_000

_TEMPI = range(SLOWEST, FASTEST)


def whole_bpm(millibpm: int) -> int:
    """A tempo of 60,000..120,000 thousandths as whole beats a minute, 80..158."""
    bpm = (millibpm + 500) // 1000
    return 2 * bpm if bpm < SLOWEST else bpm


def common(bpms: Sequence[int]) -> list[int]:
    """The tempi of a track that all references fit, ascending. `bpms`: of each one, 0..300."""
    return sorted(frozenset(_TEMPI).intersection(*(_reached(bpm) for bpm in bpms if bpm)))


def misfits(bpms: Sequence[int]) -> tuple[int, ...]:
    """The references that do not fit at the tempo at which the fewest do not fit.

    Of equal numbers the slowest tempo counts. Neither weights nor the order of references matter.

    Args:
        bpms: of each reference, 0..300.

    Returns:
        Indices, ascending; none if a tempo exists that all references fit.
    """
    if common(bpms):
        return ()
    at_each = (
        tuple(index for index, bpm in enumerate(bpms) if not fits(bpm, tempo)) for tempo in _TEMPI
    )
    return min(at_each, key=len)


def why(bpms: Sequence[int], index: int) -> str:
    """One sentence that says why `misfits` names a reference, with the tempi that decide."""
    out = misfits(bpms)
    others = sorted({bpm for place, bpm in enumerate(bpms) if bpm and place not in out})
    known = " and ".join(map(str, others))
    return (
        f"has {bpms[index]} bpm, which do not go together with {known} bpm: no tempo is within "
        f"{TOO_FAR * 100 // MILLION} % of all of them, at up to {max(STEPS)} semitones of varispeed"
    )


def fits(bpm: int, tempo: int) -> bool:
    """Whether a reference can play at a tempo (80..159) without its off-beats falling apart."""
    return bpm == 0 or tempo in _reached(bpm)


@lru_cache(maxsize=HIGHEST + 1)
def _reached(bpm: int) -> frozenset[int]:
    """The tempi that a reference fits."""
    slow = _first_level(bpm)
    played = [slow * level * step // NATIVE for level in LEVELS for step in STEPS.values()]
    return frozenset(t for t in _TEMPI if any(miss(beats, t) <= TOO_FAR for beats in played))


def _first_level(bpm: int) -> int:
    """The octave of a tempo above 0 that lies in 60..120 bpm, in thousandths."""
    slow = bpm * 1000
    while slow >= 120_000:
        slow //= 2
    while slow < 60_000:
        slow *= 2
    return slow


def miss(millibpm: int, tempo: int) -> int:
    """Difference in length, in millionths, of grains at `millibpm` from beats at `tempo` bpm."""
    return abs(millibpm - tempo * 1000) * MILLION // min(millibpm, tempo * 1000)
