"""Harmonic grains move to where their waveform fits the one that they replace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.attribution.trace import Edit
from generator.engines.mosaic import render
from generator.engines.mosaic.alignment import FARTHEST, aligned

RATE = 44_100
FADE = 1323


def tone(hertz: float, seconds: float = 2.0) -> np.ndarray:
    """Layers (2, frames, 2) with a tone in the harmonic one."""
    wave = 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)
    layers = np.zeros((2, len(wave), 2), dtype=np.int32)
    layers[0] = np.rint(wave * 2**23)[:, None]
    return layers


def pair(source: int, **how: object) -> tuple[Edit, Edit]:
    """An edit of component 1 and one of component 2 that begins in its last 30 ms."""
    first = Edit("harmonic", 0, 1, 1000, 20_000 + FADE, 1024, 65_536, 0, FADE, 0)
    second = Edit("harmonic", 20_000, 2, source, 20_000, 1024, 65_536, FADE, 0, 2)
    return first, replace(second, **how)  # type: ignore[arg-type]


def middle(edits: tuple[Edit, ...], layers: dict[int, np.ndarray]) -> float:
    """Root mean square of the mix in mid-fade."""
    mixed = render.mix(render.pieces(edits, layers), 40_000)
    return float(np.sqrt(np.mean(mixed[20_000 + FADE // 3 : 20_000 + 2 * FADE // 3] ** 2)))


@pytest.mark.parametrize("source", [5_000, 5_051, 5_100, 5_170])
def test_tones_that_would_cancel_meet_in_phase(source: int) -> None:
    layers = {1: tone(220), 2: tone(220)}
    edits = pair(source)
    moved = aligned(edits, layers)
    assert moved[0] == edits[0]
    assert replace(moved[1], source=source) == edits[1]
    assert abs(moved[1].source - source) <= FARTHEST and (moved[1].source - source) % 8 == 0
    assert middle(moved, layers) >= 0.95 * 0.3 / np.sqrt(2)


def test_without_alignment_the_worst_place_cancels() -> None:
    layers = {1: tone(220), 2: tone(220)}
    worst = min(range(5_000, 5_200, 10), key=lambda source: middle(pair(source), layers))
    assert middle(pair(worst), layers) < 0.3 * middle(aligned(pair(worst), layers), layers)


def test_a_grain_in_place_stays() -> None:
    layers = {1: tone(220), 2: tone(220)}
    in_phase = 1000 + 20_000
    assert aligned(pair(in_phase), layers)[1].source == in_phase


def test_silence_moves_nothing() -> None:
    layers = {1: tone(220), 2: np.zeros((2, 88_200, 2), dtype=np.int32)}
    assert aligned(pair(5_000), layers) == pair(5_000)


def test_nothing_moves_past_the_ends_of_a_recording() -> None:
    layers = {1: tone(220), 2: tone(220, seconds=20_100 / RATE)}
    for source in (3, 97):
        moved = aligned(pair(source), layers)[1]
        assert moved.source >= 0 and moved.source + moved.length <= 20_100


def test_percussive_grains_and_gaps_stay() -> None:
    layers = {1: tone(220), 2: tone(220)}
    drums = tuple(replace(edit, layer="percussive") for edit in pair(5_050))
    assert aligned(drums, layers) == drums
    apart = (replace(pair(5_050)[0], length=15_000), pair(5_050)[1])
    assert aligned(apart, layers) == apart
