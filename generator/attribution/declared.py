"""What was asked for: the prior."""

from __future__ import annotations

from generator.attribution.trace import Trace
from generator.attribution.weights import from_scores


def weights(trace: Trace) -> tuple[int, ...]:
    """The k + 1 weights asked for, component 0 first; they sum to 1,000,000 as they are."""
    return from_scores(trace.prior, "prior")
