"""Declared attribution: the weights that the request asked for (the prior)."""

from __future__ import annotations

from generator.attribution.trace import Trace
from generator.attribution.weights import from_scores


def weights(trace: Trace) -> tuple[int, ...]:
    """The k + 1 requested weights, component 0 first; they already sum to 1,000,000."""
    return from_scores(trace.prior, "prior")
