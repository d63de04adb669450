"""The store of analyses survives kill -9 and damage, and stays below its bound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.cache import Store
from generator.engines.mosaic.making import making
from generator.engines.mosaic.mapped import Missing, size_of
from oracle.domain import canonical
from tests.unit.generator.band import play
from tests.unit.generator.files_made import source, write
from tests.unit.generator.store_process import FRAMES, RECORD

ROOT = Path(__file__).parents[3]
SIZE = size_of(FRAMES)
STEPS = ("begun", "filled", "written", "layers named", "named")


def killed(folder: Path, name: str, step: str) -> None:
    command = [sys.executable, "-m", "tests.unit.generator.store_process", folder, name, step]
    assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == -signal.SIGKILL


def filled(value: int) -> Callable[[np.ndarray], dict]:
    def fill(layers: np.ndarray) -> dict:
        layers[:] = value
        return RECORD

    return fill


def layers_of(store: Store, name: str) -> np.ndarray | None:
    try:
        return store.layers(name)
    except Missing:
        return None


def keep(store: Store, name: str, value: int = 1) -> None:
    store.keep(name, FRAMES, filled(value))


def age(store: Store, *names: str) -> None:
    """Make the layers look as if they were used long ago, the first longest ago."""
    for second, name in enumerate(names):
        os.utime(store.root / f"{name}.mosaic-{Mosaic.version}.npy", (second, second))


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_is_killed_leaves_complete_files_or_none(tmp_path: Path, step: str) -> None:
    killed(tmp_path, "a", step)
    store = Store(tmp_path)
    layers, record = layers_of(store, "a"), store.record("a")
    assert layers is None or (layers.shape == (2, FRAMES, 2) and np.all(layers == 1))
    assert record is None or canonical.loads(record) == RECORD
    assert (layers is not None, record is not None) == (step in STEPS[3:], step in STEPS[4:])
    store.sweep()
    assert not list(tmp_path.glob(".making-*"))
    keep(store, "a", 2)
    assert np.all(store.layers("a") == 2) and store.record("a") == canonical.dumps(RECORD)


def test_the_next_write_deletes_what_a_killed_process_left(tmp_path: Path) -> None:
    killed(tmp_path, "a", "filled")
    assert len(list(tmp_path.glob(".making-*"))) == 1
    keep(Store(tmp_path), "b")
    assert not list(tmp_path.glob(".making-*"))


def test_an_engine_deletes_it_when_it_starts(tmp_path: Path) -> None:
    killed(tmp_path, "a", "filled")
    Mosaic(tmp_path)
    assert not list(tmp_path.glob(".making-*"))


def test_what_a_running_process_makes_is_not_deleted(tmp_path: Path) -> None:
    with making(tmp_path) as folder:
        Store(tmp_path).sweep()
        keep(Store(tmp_path), "a")
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.parametrize("left", [0, 5, 100, 128, SIZE - 1])
def test_cut_layers_are_not_read(tmp_path: Path, left: int) -> None:
    store = Store(tmp_path)
    keep(store, "a")
    (path,) = tmp_path.glob("*.npy")
    os.truncate(path, left)
    assert layers_of(store, "a") is None
    keep(store, "a", 3)
    assert np.all(store.layers("a") == 3)


def test_layers_with_more_bytes_than_their_header_says_are_not_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, "a")
    (path,) = tmp_path.glob("*.npy")
    path.write_bytes(path.read_bytes() + b"\0")
    assert layers_of(store, "a") is None


@pytest.mark.parametrize("content", [b"", b'{"frames":', b"[1"])
def test_a_cut_record_is_not_read(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    keep(store, "a")
    (path,) = tmp_path.glob("*.json")
    path.write_bytes(content)
    assert store.record("a") is None


def test_the_layers_that_were_used_longest_ago_are_deleted_first(tmp_path: Path) -> None:
    store = Store(tmp_path, most=3 * SIZE)
    for name in "abc":
        keep(store, name)
    age(store, "a", "b", "c")
    assert layers_of(store, "a") is not None  # used now
    keep(store, "d")
    kept = {name for name in "abcd" if layers_of(store, name) is not None}
    assert kept == {"a", "c", "d"}
    assert all(store.record(name) for name in "abcd")


def test_layers_that_somebody_reads_are_not_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path, most=2 * SIZE)
    keep(store, "a")
    keep(store, "b")
    read = store.layers("a")
    age(store, "a", "b")
    keep(store, "c")
    assert [layers_of(store, name) is not None for name in "abc"] == [True, False, True]
    del read
    age(store, "a", "c")
    keep(store, "d")
    assert [layers_of(store, name) is not None for name in "acd"] == [False, True, True]


def test_an_engine_separates_again_what_is_damaged_or_gone(tmp_path: Path) -> None:
    one = source(1, write(tmp_path / "x.wav", play(110, 4).samples))
    engine = Mosaic(tmp_path / "cache")
    first = engine.generate([one], [1_000_000], 1, 5)
    (path,) = (tmp_path / "cache").glob("*.npy")
    whole = path.read_bytes()
    os.truncate(path, 10_000)
    assert np.array_equal(engine.generate([one], [1_000_000], 1, 5).track, first.track)
    assert path.read_bytes() == whole
    path.unlink()
    assert np.array_equal(engine.replay(first.trace, [one]), first.track)
    assert path.read_bytes() == whole


def test_an_engine_can_bound_its_cache(tmp_path: Path) -> None:
    songs = [play(110, 3, seed=seed).samples for seed in (1, 2)]
    made = [write(tmp_path / f"{number}.wav", song) for number, song in enumerate(songs)]
    engine = Mosaic(tmp_path / "cache")
    engine.limit_cache(1)
    for number, path in enumerate(made):
        engine.analyse(source(number, path))
    assert len(list((tmp_path / "cache").glob("*.npy"))) == 1
    assert len(list((tmp_path / "cache").glob("*.json"))) == 2
