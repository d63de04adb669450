"""Shapley attribution: the Shapley value of a bounded game between the references.

The worth of a set S of components is v(S) = mean of log(1 + q_S / b) / log(1 + q_N / b) over
audible time, with q_S = sum of w_i p_i over S, b the background and N the set of all components. It
is the part that S explains alone of what all references explain together. v is 0 for the empty set
and 1 for N; adding a component never lowers v; a component that explains nothing gets nothing. The
plain log-likelihood game has none of these properties: it rewards surprise, and components that the
track does not use get negative values.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from generator.attribution.likelihood import Array, Mixture, mixture
from generator.attribution.trace import Trace
from generator.attribution.weights import from_shares

EXACT = 13
"""The most components solved exactly: 12 references and, for some engines, component 0."""

PERMUTATIONS = 2_000
CONFIDENT = 1.96
_LINEAR = -37.0
"""Below this x, log(1 + e^x) equals e^x to the last bit of a float64."""


@dataclass(frozen=True)
class Estimate:
    """Shapley values of k + 1 components, and half the width of their 95 % interval.

    Args:
        shares: shape (k + 1,), sum 1.
        half_width: shape (k + 1,); zeros when the values are exact.
    """

    shares: Array
    half_width: Array


def weights(trace: Trace) -> tuple[int, ...]:
    """k + 1 weights, component 0 first; see `estimate`."""
    return from_shares(estimate(trace).shares.tolist())


def estimate(trace: Trace, permutations: int = PERMUTATIONS) -> Estimate:
    """Exact for at most 12 references; for more, from sampled permutations seeded by the trace.

    Components of weight 0 do not take part; mosaic's component 0 never does.

    Args:
        permutations: how many are sampled; rounded up to pairs of an order and its reverse.

    Raises:
        oracle.domain.errors.InvalidInput: no unit is audible.
    """
    mix = mixture(trace)
    playing = np.flatnonzero(np.asarray(trace.prior))
    ratios = mix.players[:, playing] - mix.background[:, None]
    if len(playing) <= EXACT:
        values, widths = exact(ratios, mix.time), np.zeros(len(playing))
    else:
        values, widths = sampled(ratios, mix.time, trace.seed, permutations)
    return Estimate(_spread(values, playing, mix), _spread(widths, playing, mix))


def exact(ratios: Array, time: Array) -> Array:
    """Shapley values of n players, from the worths of all 2^n sets.

    Args:
        ratios: log(w_i p_i / b), shape (T, n), finite.
        time: shape (T,), sum 1.

    Returns:
        Shape (n,), each at least 0 up to rounding, sum 1.
    """
    count = ratios.shape[1]
    worths = _worths(ratios, time)
    sets = np.arange(2**count)
    sizes = np.array([int(mask).bit_count() for mask in sets])
    chance = _chances(count)
    values = np.empty(count)
    for player in range(count):
        without = sets[(sets >> player) & 1 == 0]
        gains = worths[without | (1 << player)] - worths[without]
        values[player] = np.sum(gains * chance[sizes[without]])
    return values


def sampled(ratios: Array, time: Array, seed: int, permutations: int) -> tuple[Array, Array]:
    """Shapley values estimated from sampled orders of arrival, each paired with its reverse.

    Args:
        ratios, time: as in `exact`.
        seed: at least 0; equal seeds give equal values.

    Returns:
        Values (n,), sum 1 exactly up to rounding; half-widths (n,) of a 95 % normal interval.
    """
    generator = np.random.default_rng(seed)
    pairs = max(2, (permutations + 1) // 2)
    gains = np.empty((pairs, ratios.shape[1]))
    for pair in range(pairs):
        order = generator.permutation(ratios.shape[1])
        gains[pair] = (_arrivals(ratios, time, order) + _arrivals(ratios, time, order[::-1])) / 2
    widths: Array = CONFIDENT * gains.std(axis=0, ddof=1) / np.sqrt(pairs)
    return gains.mean(axis=0), widths


def _worths(ratios: Array, time: Array) -> Array:
    """v of every set, shape (2^n,); player i is in the set if bit i of the index is set."""
    odds = np.full((len(ratios), 1), -np.inf)
    for player in range(ratios.shape[1]):
        joined = np.logaddexp(odds, ratios[:, player, None])
        odds = np.concatenate([odds, joined], axis=1)
    return _worth(odds, odds[:, -1:], time)


def _worth(odds: Array, whole: Array, time: Array) -> Array:
    worths: Array = time @ np.exp(_log_softplus(odds) - _log_softplus(whole))
    return worths


def _log_softplus(x: Array) -> Array:
    """log(log(1 + e^x)) without overflow or underflow for any x, -inf included."""
    with np.errstate(divide="ignore"):
        inner = np.log(np.logaddexp(0.0, x))
    result: Array = np.where(x < _LINEAR, x, inner)
    return result


def _chances(count: int) -> Array:
    """For each size, the chance that exactly one given set arrives before a given player."""
    whole = factorial(count)
    return np.array([factorial(s) * factorial(count - 1 - s) / whole for s in range(count)])


def _arrivals(ratios: Array, time: Array, order: NDArray[np.int64]) -> Array:
    odds = np.logaddexp.accumulate(ratios[:, order], axis=1)
    worths = np.concatenate([[0.0], _worth(odds, odds[:, -1:], time)])
    gains = np.empty(len(order))
    gains[order] = np.diff(worths)
    return gains


def _spread(values: Array, playing: NDArray[np.int64], mix: Mixture) -> Array:
    result = np.zeros(mix.players.shape[1])
    result[playing] = values
    return result
