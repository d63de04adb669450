"""Sounds that were once paid for what nobody hears: paid share and share of the sound agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generator.engines.mosaic import Mosaic
from oracle.domain.errors import InvalidInput
from scripts.bench.attribution import odd
from scripts.bench.engine import song


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Mosaic:
    return Mosaic(folder / "cache")


@pytest.mark.long
@pytest.mark.parametrize("name", ["another song", "noise of 1e-3", "one sample of 63"])
def test_the_paid_share_is_the_share_of_the_sound(engine: Mosaic, folder: Path, name: str) -> None:
    beside = odd.written(folder, "song", song(100, 0)[: odd.SECONDS * odd.RATE] / 32_768, 1)
    found = odd.shares(engine, [beside, odd.written(folder, name, odd.sounds()[name], 2)])
    assert found.paid == pytest.approx(0.5, abs=0.02)
    assert found.sound == pytest.approx(found.paid, abs=0.05)
    assert found.audible == pytest.approx(found.sound, abs=0.02)


@pytest.mark.long
def test_clicks_that_cannot_be_as_loud_as_a_song_are_refused_by_name(
    engine: Mosaic, folder: Path
) -> None:
    beside = odd.written(folder, "song", song(100, 0)[: odd.SECONDS * odd.RATE] / 32_768, 1)
    clicks = odd.written(folder, "clicks", odd.sounds()["clicks"], 2)
    with pytest.raises(InvalidInput, match=r"references\[1\]\.recording.*found 2"):
        engine.generate([beside, clicks], odd.HALF, 5, 10)
    assert engine.generate([clicks], (1_000_000,), 5, 10).trace.audible[1] > 0


@pytest.mark.long
def test_a_tone_that_nobody_hears_is_refused_by_name(engine: Mosaic, folder: Path) -> None:
    beside = odd.written(folder, "short song", song(100, 0)[: 8 * odd.RATE] / 32_768, 1)
    time = np.arange(8 * odd.RATE)[:, None] / odd.RATE
    high = 0.5 * np.sin(2 * np.pi * 19_000 * time) * np.ones(2)
    with pytest.raises(InvalidInput, match=r"references\[1\]\.recording.*found 2"):
        engine.generate([beside, odd.written(folder, "tone", high, 2)], odd.HALF, 5, 10)
