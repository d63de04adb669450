"""Responsibility: the mean posterior probability of each component given the unit."""

from __future__ import annotations

import numpy as np

from generator.attribution.likelihood import Array, mixture
from generator.attribution.trace import Trace
from generator.attribution.weights import from_shares


def weights(trace: Trace) -> tuple[int, ...]:
    """k + 1 weights, component 0 first; see `shares`."""
    return from_shares(shares(trace).tolist())


def shares(trace: Trace) -> Array:
    """w_j p_j / (b + sum_i w_i p_i), averaged over audible time.

    The background b explains some of every unit. It has no payee, so it is left out and the rest is
    scaled to sum 1. A unit that no component explains therefore counts little, instead of being
    divided at random.

    Returns:
        Shape (k + 1,), in 0..1, sum 1; 0 for components of weight 0.

    Raises:
        oracle.domain.errors.InvalidInput: no unit is audible.
    """
    mix = mixture(trace)
    every = np.column_stack([mix.background, mix.players])
    posterior = mix.players - np.logaddexp.reduce(every, axis=1)[:, None]
    # In logarithms to the end: far from every reference all posteriors are below the smallest
    # float, but their ratios still show which reference is nearest.
    mean = np.logaddexp.reduce(posterior + np.log(mix.time)[:, None], axis=0)
    share: Array = np.exp(mean - np.logaddexp.reduce(mean))
    return share
