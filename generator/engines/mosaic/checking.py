"""Checks a track of another node: composes it again, renders it and measures its mastering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.attribution.trace import Trace
from generator.engines.base import Analysis, Claim, Steering
from generator.engines.compared import first_difference
from generator.engines.mosaic import audible, mastering, render
from generator.engines.mosaic.alignment import aligned
from generator.engines.mosaic.composition import compose
from generator.engines.mosaic.record_difference import is_near
from oracle.domain.audio import largest_difference
from oracle.domain.check import MOST_TOLD, Check

if TYPE_CHECKING:
    from generator.engines.mosaic.render import Layers

THOUSANDTHS, PARTS = 1_000, 100_000


def lacking(claim: Claim, own: Sequence[Analysis]) -> tuple[int, ...]:
    """The recordings whose record in the trace is neither our own nor among the maker's."""
    pairs = zip(claim.trace.references, own, strict=True)
    return tuple(
        reference.recording
        for reference, analysis in pairs
        if reference.record != analysis.digest and reference.record not in claim.records
    )


def composed_otherwise(claim: Claim, own: Sequence[Analysis], layers: Layers) -> str:
    """The first field that composing again gives otherwise; empty if the trace is right.

    Args:
        claim: it lacks no record.
        own: this node's analyses of the references.
        layers: of the references.
    """
    trace, records = claim.trace, list[Mapping[str, Any]]()
    if trace.groups != claim.groups:
        return "groups"
    for reference, analysis in zip(trace.references, own, strict=True):
        if reference.record == analysis.digest:
            records.append(analysis.record)
            continue
        records.append(claim.records[reference.record])
        if not is_near(analysis.record, records[-1]):
            return "references.record"
    steering = Steering(trace.controls, trace.groups)
    made = compose(records, trace.prior[1:], trace.seed, claim.length, steering)
    return first_difference(trace, replace(made, edits=aligned(made.edits, layers)))


def measured(trace: Trace, sound: bytes, layers: Layers) -> Check:
    """How far mastering, energies and samples are from what the edits render to.

    Args:
        trace: composing it again gave the same.
        sound: samples of 16 bits, little-endian and interleaved.
        layers: of its references.
    """
    laid = list(render.pieces(trace.edits, layers))
    mixed = render.mix(laid, trace.frames)
    found = mastering.find(mixed)
    heard = audible.shares(laid, mixed, trace.gain, trace.envelope, len(layers))
    track = render.master(mixed, trace.gain, trace.envelope)
    steps = largest_difference(track.astype("<i2").tobytes(), sound)
    return Check(
        steps=min(MOST_TOLD, steps),
        gain=_told(abs(trace.gain - found.gain) * THOUSANDTHS, found.gain),
        envelope=_curves_apart(trace, found),
        audible=_energies_apart(trace.audible, heard),
    )


def _curves_apart(trace: Trace, found: mastering.Mastering) -> int:
    import numpy as np

    said, due = (render.curve(one.envelope, trace.frames) for one in (trace, found))
    return _told(float(np.max(np.abs(said - due))) * THOUSANDTHS, 1)


def _energies_apart(said: Sequence[int], due: Sequence[int]) -> int:
    worst = max(abs(one - other) for one, other in zip(said, due, strict=True))
    return _told(worst * PARTS, max(1, sum(due)))


def _told(value: float, unit: int) -> int:
    """A difference in whole units, rounded up, at most what an answer may tell."""
    return min(MOST_TOLD, int(-(-value // unit)))
