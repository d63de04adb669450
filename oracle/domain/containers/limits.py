"""The recordings that engines can use: limits of rate, channels, length and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oracle.domain.containers.sound import Sound
from oracle.domain.errors import InvalidInput

RATES: Final = (8_000, 192_000)
"""Frames a second, lowest and highest."""
MOST_CHANNELS: Final = 8
SHORTEST: Final = 2
LONGEST: Final = 20 * 60
"""Seconds."""
MOST_VALUES: Final = 120_000_000
"""Samples in all channels."""
LARGEST: Final = 100_000_000
"""Bytes of a file that a generation node takes."""
DEFAULT: Final[Mapping[str, Any]] = {
    "rates": RATES,
    "channels": MOST_CHANNELS,
    "seconds": LONGEST,
    "values": MOST_VALUES,
}


def require_fit(sound: Sound, limits: Mapping[str, Any] = DEFAULT) -> None:
    """Raises InvalidInput for a sound that is outside of the limits, as far as headers tell."""
    low, high = limits["rates"]
    _require(low <= sound.rate <= high, f"between {low} and {high} frames a second", "rate",
             sound.rate)  # fmt: skip
    most = limits["channels"]
    _require(1 <= sound.channels <= most, f"at most {most} channels", "channels", sound.channels)
    if sound.frames is None:
        return
    _require(sound.frames > 0, "holds no samples", "frames", 0)
    longest, values = limits["seconds"], limits["values"]
    seconds = f"{sound.frames / sound.rate:.3f}"
    _require(sound.frames <= longest * sound.rate, f"at most {longest} s", "seconds", seconds)
    _require(sound.frames * sound.channels <= values, f"at most {values} samples in all channels",
             "frames", sound.frames)  # fmt: skip
    _require(sound.frames >= SHORTEST * sound.rate, f"must be at least {SHORTEST} s", "seconds",
             seconds)  # fmt: skip


def _require(good: bool, detail: str, name: str, value: object) -> None:
    if not good:
        raise InvalidInput(detail, field=f"audio.{name}", value=value)
