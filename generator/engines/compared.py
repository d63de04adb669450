"""Compares a trace with what composing gives again, field by field."""

from __future__ import annotations

from collections.abc import Sequence

from generator.attribution.trace import Edit, Trace
from generator.engines.base import Composition
from oracle.domain.edits import RANGES

SLACK = 1
"""Micronats by which log-likelihoods may differ: they end in a logarithm that is rounded."""


def first_difference(trace: Trace, made: Composition) -> str:
    """The first field of `oracle.domain.check.COMPOSED` that differs; empty if none does."""
    pairs: tuple[tuple[str, object, object], ...] = (
        ("frames", trace.frames, made.frames),
        ("bpm", trace.bpm, made.bpm),
        ("references.shift", tuple(one.shift for one in trace.references), made.shifts),
        ("draws", trace.draws, made.draws),
        ("levels", trace.levels, made.levels),
        ("frames_drawn", trace.frames_drawn, made.frames_drawn),
        ("plan", trace.plan, made.plan),
    )
    for name, said, found in pairs:
        if said != found:
            return name
    return _edits(trace.edits, made.edits) or _likelihoods(trace, made)


def _edits(said: Sequence[Edit], found: Sequence[Edit]) -> str:
    for one, other in zip(said, found, strict=False):
        for name in ("layer", *RANGES):
            if getattr(one, name) != getattr(other, name):
                return f"edits.{name}"
    return "" if len(said) == len(found) else "edits"


def _likelihoods(trace: Trace, made: Composition) -> str:
    said, found = trace.log_likelihood, made.log_likelihood
    near = len(said) == len(found) and all(
        len(one) == len(other)
        and all(abs(a - b) <= SLACK for a, b in zip(one, other, strict=True))
        for one, other in zip(said, found, strict=True)
    )
    return "" if near else "log_likelihood"
