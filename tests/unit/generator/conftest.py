"""A small mosaic studio shared by the engine's tests: three tunes, analysed once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.engines.base import Source
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.cache import Store
from tests.unit.generator.band import Tune, play
from tests.unit.generator.files_made import source, write


@dataclass(frozen=True)
class Studio:
    """An engine, its store, and three tunes of 12 s at 100, 104 and 96 bpm."""

    engine: Mosaic
    store: Store
    tunes: list[Tune]
    sources: list[Source]

    @property
    def records(self) -> list[dict]:
        """The tunes' analysis records."""
        return [dict(self.engine.analyse(one).record) for one in self.sources]

    @property
    def layers(self) -> dict:
        """Component to layers."""
        return {number: self.store.layers(one.audio) for number, one in enumerate(self.sources, 1)}


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Tunes in C, D and G; the third is at 22,050 Hz in mono."""
    folder: Path = tmp_path_factory.mktemp("studio")
    tunes = [play(100, 12, 0, 1), play(104, 12, 2, 2), play(96, 12, 7, 3)]
    paths = [
        write(folder / "one.wav", tunes[0].samples),
        write(folder / "two.flac", tunes[1].samples),
        write(folder / "three.wav", tunes[2].samples.mean(axis=1)[::2], 22_050),
    ]
    engine = Mosaic(folder / "cache")
    sources = [source(number, path) for number, path in enumerate(paths, 3)]
    for one in sources:
        engine.analyse(one)
    return Studio(engine, Store(folder / "cache"), tunes, sources)
