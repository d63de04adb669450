"""The headers of audio files: what a file says it holds, and whether it holds that.

A decoder reads what it can and says nothing of the rest: half of a file that was cut, the first of
two files that were joined. So every file is looked at before it is decoded or registered. This
package reads headers only. It needs nothing but the standard library, so artists need no codec.
"""

from oracle.domain.containers.limits import (
    LARGEST,
    LONGEST,
    MOST_CHANNELS,
    MOST_VALUES,
    RATES,
    SHORTEST,
    require_fit,
)
from oracle.domain.containers.names import SUFFIXES, kind_of
from oracle.domain.containers.sound import Sound
from oracle.domain.containers.survey import survey

__all__ = [
    "LARGEST",
    "LONGEST",
    "MOST_CHANNELS",
    "MOST_VALUES",
    "RATES",
    "SHORTEST",
    "SUFFIXES",
    "Sound",
    "kind_of",
    "require_fit",
    "survey",
]
