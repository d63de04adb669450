"""Traces for tests of attribution: from a few numbers, and a hypothesis strategy."""

from collections.abc import Sequence

from hypothesis import strategies as st

from generator.attribution.trace import MILLION, Reference, Trace
from oracle.domain.attribution import largest_remainder


def trace(
    log_likelihood: Sequence[Sequence[int]],
    *,
    prior: Sequence[int] | None = None,
    draws: Sequence[int] | None = None,
    frames: Sequence[int] | None = None,
    audible: Sequence[int] | None = None,
    recordings: Sequence[int] | None = None,
    seed: int = 7,
) -> Trace:
    """A trace of T units over k references; by default weights are even and all is audible."""
    units, components = len(log_likelihood), len(log_likelihood[0])
    ids = recordings or range(1, components)
    return Trace(
        engine="test",
        version="1",
        seed=seed,
        rate=44_100,
        frames=22_050 * units,
        bpm=120,
        references=tuple(Reference(i, f"{i:064x}", f"{i:064x}") for i in ids),
        prior=tuple(prior or even(components - 1)),
        draws=tuple(draws or [1] * units),
        levels=(22_050_000,) * units,
        frames_drawn=tuple([22_050] * units if frames is None else frames),
        log_likelihood=tuple(tuple(row) for row in log_likelihood),
        audible=tuple(audible or [0] + [1] * (components - 1)),
    )


def even(references: int) -> tuple[int, ...]:
    """An even prior, up to rounding, of an engine that never draws component 0."""
    return (0, *largest_remainder(dict.fromkeys(range(1, references + 1), 1)).values())


MICRONATS = st.integers(-400 * MILLION, 400 * MILLION)


@st.composite
def traces(draw, most_references: int = 5, pool: bool = False) -> Trace:
    """Any small trace that is not silent; with `pool` component 0 may have a weight."""
    count = draw(st.integers(1, most_references))
    units = draw(st.integers(1, 6))
    rows = st.lists(MICRONATS, min_size=count + 1, max_size=count + 1)
    scores = draw(st.lists(st.integers(1, 99), min_size=count, max_size=count))
    zero = draw(st.integers(1, 50)) if pool else 0
    weights = largest_remainder(dict(enumerate([zero, *scores])))
    frames = draw(st.lists(st.integers(0, 50_000), min_size=units, max_size=units))
    return trace(
        draw(st.lists(rows, min_size=units, max_size=units)),
        prior=tuple(weights.values()),
        draws=draw(st.lists(st.integers(1, count), min_size=units, max_size=units)),
        frames=[*frames[:-1], frames[-1] + 1],
        audible=[0, *draw(st.lists(st.integers(1, 2**40), min_size=count, max_size=count))],
        seed=draw(st.integers(0, 2**64 - 1)),
    )
