"""How many references fit into a track: each needs at least one beat of its own."""

from __future__ import annotations

from oracle.domain.attribution import MILLION
from oracle.domain.request import Request
from oracle.domain.tempi import SLOWEST


def beats_in(seconds: int) -> int:
    """Whole beats of one layer in the slowest track of a length: so many references fit into it."""
    return seconds * SLOWEST // 60


def without_room(request: Request) -> list[int]:
    """The recordings whose weight gives less than one beat of a track of this length."""
    beats = beats_in(request.length)
    return [number for number, weight in request.weights().items() if weight * beats < MILLION]
