"""The analysis record: everything that composing reads of a recording. Integers, named by its hash.

It holds two levels of grains: level 1 has beats at 60 to 120 a minute, level 2 twice as many. One
of the two fits any output tempo between 80 and 160.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oracle.domain.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

ENGINE = "mosaic"
VERSION = "2"
KEYS = frozenset(
    {"refrain_record", "engine", "version", "samples", "frames", "gain", "gain_centibels"}
    | {"confidence", "tracked", "millibpm", "key", "levels"}
)


@dataclass(frozen=True)
class Level:
    """Grains of one metrical level; G of them.

    Args:
        starts: G + 1 samples: where each grain begins, and where the last one ends.
        ends: G samples: where the percussive part of a grain must end if the grain is cut.
        phase: 0..3, the first grain at which a bar of four begins.
        harmonic: (G, 36) features in hundredths.
        percussive: (G, 32) features in hundredths.
        powers: (2, G) K-weighted mean squares of the harmonic and the percussive part before gain,
            both channels summed, hundredths of dB.
        peaks: (2, G) largest magnitudes of both parts before gain, hundredths of dBFS.
    """

    starts: Integers
    ends: Integers
    phase: int
    harmonic: Integers
    percussive: Integers
    powers: Integers
    peaks: Integers


@dataclass(frozen=True)
class Record:
    """A parsed analysis record.

    Args:
        frames: samples at 44,100 Hz.
        gain: to the playing level, in 1/65,536; `gain_centibels` the same in hundredths of dB.
        confidence: of the beat tracker, in millionths.
        tracked: false if the grains are a fixed lattice.
        millibpm: tempo of level 1 in thousandths, 60,000..120,000.
        key: mean of the twelve pitch classes from C on, millionths.
        levels: grains by level.
    """

    frames: int
    gain: int
    gain_centibels: int
    confidence: int
    tracked: bool
    millibpm: int
    key: tuple[int, ...]
    levels: Mapping[int, Level]


def read_record(found: Mapping[str, Any]) -> Record:
    """The record in a JSON object.

    Raises:
        InvalidInput: the record is of another engine or version.
    """
    import numpy as np

    made_by = (found.get("engine"), found.get("version"))
    if made_by != (ENGINE, VERSION) or set(found) != KEYS:
        raise InvalidInput("is not a record of this engine", field="record", value=made_by)
    levels = {
        int(name): Level(
            starts=np.array(level["starts"], dtype=np.int64),
            ends=np.array(level["ends"], dtype=np.int64),
            phase=level["phase"],
            harmonic=np.array(level["harmonic"], dtype=np.int64),
            percussive=np.array(level["percussive"], dtype=np.int64),
            powers=np.array(level["powers"], dtype=np.int64),
            peaks=np.array(level["peaks"], dtype=np.int64),
        )
        for name, level in found["levels"].items()
    }
    return Record(
        frames=found["frames"],
        gain=found["gain"],
        gain_centibels=found["gain_centibels"],
        confidence=found["confidence"],
        tracked=bool(found["tracked"]),
        millibpm=found["millibpm"],
        key=tuple(found["key"]),
        levels=levels,
    )
