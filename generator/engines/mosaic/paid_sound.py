"""Whether a finished track lets each reference be heard for about what it is paid.

Composing judges grains by mean powers of a recording. What is played of a grain may be its quiet
part, or be lost when its pitch is moved. So the sound itself is judged once more at the end.
"""

from __future__ import annotations

from generator.attribution import audible, realised
from generator.attribution.trace import Trace
from generator.engines.mosaic.hearing import Unheard

MOST_TIMES = 2
"""Times its share of the sound that a reference may be paid."""
SLACK = 100_000
"""Millionths by which it may be paid more than that: a few beats of a short track that builds."""


def require_heard(trace: Trace) -> None:
    """Compares the shares of `frames_drawn` and of `audible`; a lone reference is not judged.

    Raises:
        Unheard: names the reference that is paid most beyond what is heard of it.
    """
    if len(trace.references) < 2:
        return
    shares = zip(realised.weights(trace)[1:], audible.weights(trace)[1:], strict=True)
    beyond = [paid - MOST_TIMES * heard for paid, heard in shares]
    index = beyond.index(max(beyond))
    if beyond[index] > SLACK:
        detail = "would be paid for more than twice what is heard of it in this track"
        raise Unheard(index, detail, trace.references[index].recording)
