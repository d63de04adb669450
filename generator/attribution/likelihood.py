"""The weighted likelihoods of a trace as an array, for responsibility and the Shapley value.

Both methods explain a unit by the requested components and by a background b = w_0 p_0, which is
the engine without any reference. Without a background, a unit that no reference explains would be
divided as if one did. w_0 is 0.05 for every engine, and the components keep the other 0.95. The
background has no payee. Where an engine may also draw component 0, that component plays like any
other and is paid to the training pool; where its weight is 0 (mosaic), it gets nothing.

Units count by their audible frames. So an inaudible unit pays nobody, and likelihoods that leave no
doubt give exactly the realised vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.attribution.trace import MILLION, Trace
from oracle.domain.errors import InvalidInput

BACKGROUND = 0.05
"""w_0; a fixed choice, not fitted to data."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """log(w_j p_j(unit)) of the audible units.

    Args:
        players: log(w_j p_j), shape (T, k + 1); -inf for a component of weight 0.
        background: log b, shape (T,).
        time: each unit's share of the audible frames, shape (T,), sum 1.
    """

    players: Array
    background: Array
    time: Array


def mixture(trace: Trace) -> Mixture:
    """The audible part of a trace in log space.

    Raises:
        InvalidInput: no unit is audible.
    """
    frames = np.asarray(trace.frames_drawn, dtype=np.float64)
    heard = frames > 0
    if not heard.any():
        raise InvalidInput("holds nothing to attribute", field="trace.frames_drawn")
    density = np.asarray(trace.log_likelihood, dtype=np.float64)[heard] / MILLION
    prior = np.asarray(trace.prior, dtype=np.float64) / MILLION
    with np.errstate(divide="ignore"):
        players = density + np.log(prior * (1 - BACKGROUND))
    background = density[:, 0] + np.log(BACKGROUND)
    return Mixture(players, background, frames[heard] / frames.sum())
