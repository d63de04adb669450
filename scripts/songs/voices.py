"""Every pitched voice by name."""

from collections.abc import Callable, Iterable
from functools import partial

from scripts.songs import analogue, blown, plucked, struck
from scripts.songs.maths import Signal

Voice = Callable[[int, int, float, int], Signal]


def _all() -> Iterable[tuple[str, Voice]]:
    for name, patch in analogue.PATCHES.items():
        yield name, partial(analogue.play, patch)
    for name, string in plucked.STRINGS.items():
        yield name, partial(plucked.play, string)
    for name, spec in struck.BARS.items():
        yield name, partial(struck.bar, spec)
    for name, pipe in blown.PIPES.items():
        yield name, partial(blown.blow, pipe)
    yield "organ", blown.organ
    yield "piano", struck.piano
    yield "electric piano", struck.electric_piano
    yield "fm bass", struck.fm_bass
    yield "log drum", struck.log_drum


VOICES: dict[str, Voice] = dict(_all())
