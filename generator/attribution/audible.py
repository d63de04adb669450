"""Audible attribution: each component's share of the track's loudness energy.

Rendering is linear up to the stored gain, so the components' stems sum to the track and the
Shapley value of the energy game v(S) = |sum of stems in S|^2 is <y_i, y> in closed form. The
engine records those energies; this module only divides them.
"""

from __future__ import annotations

from generator.attribution.trace import Trace
from generator.attribution.weights import from_scores


def weights(trace: Trace) -> tuple[int, ...]:
    """k + 1 weights in proportion to loudness energy, component 0 first.

    Raises:
        oracle.domain.errors.InvalidInput: no component has any energy.
    """
    return from_scores(trace.audible, "audible")
