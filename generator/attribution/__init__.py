"""Attribution: the table of methods, and the vectors of a trace.

A method maps a trace to k + 1 weights, component 0 first, that sum to exactly 1,000,000.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.attribution import audible, declared, realised, responsibility, shapley
from generator.attribution.trace import Trace
from oracle.domain.attribution import items_of

Method = Callable[[Trace], tuple[int, ...]]

METHODS: dict[str, Method] = {
    "declared": declared.weights,
    "realised": realised.weights,
    "audible": audible.weights,
    "responsibility": responsibility.weights,
    "shapley": shapley.weights,
}


def vectors(trace: Trace) -> dict[str, list[dict[str, int]]]:
    """Every vector of a trace as manifests hold them.

    Returns:
        Method to ``[{"recording": id, "weight": w}, ...]``, ascending id, zeros dropped, sum
        1,000,000 each. Component 0 is recording 0, the training pool.

    Raises:
        oracle.domain.errors.InvalidInput: the trace has nothing audible to attribute.
    """
    ids = [0, *(reference.recording for reference in trace.references)]
    return {
        name: items_of(dict(zip(ids, method(trace), strict=True)))
        for name, method in METHODS.items()
    }
