"""The folder of withheld files: modes, layout, damage, and what a crash leaves."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from oracle.adapters.withheld import DROPPED, FolderWithheld
from oracle.domain.cid import CHUNK, blocks_of, cid_of, decode
from oracle.domain.errors import NotFound, Unavailable, WrongBytes
from tests.support.fakes import FakeClock

ONE = "0x" + "11" * 32
DATA = os.urandom(2 * CHUNK + 5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "a" / "withheld"


@pytest.fixture
def store(root: Path) -> FolderWithheld:
    return FolderWithheld(root, FakeClock())


def test_only_the_owner_may_read_anything_whatever_the_umask(store, root) -> None:
    before = os.umask(0)
    try:
        store.put(ONE, DATA)
    finally:
        os.umask(before)
    paths = [root, *root.rglob("*")]
    assert len(paths) > 6
    for path in paths:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_an_open_folder_is_closed_by_the_next_put(store, root) -> None:
    root.mkdir(parents=True)
    root.chmod(0o755)
    store.put(ONE, b"x")
    assert root.stat().st_mode & 0o777 == 0o700


def test_names_and_bytes_are_synced_before_put_returns(store, root, monkeypatch) -> None:
    synced, fsync = set(), os.fsync
    monkeypatch.setattr(os, "fsync", lambda f: (synced.add(os.fstat(f).st_ino), fsync(f))[1])
    store.put(ONE, DATA)
    kept = [root.parent, *(path for path in (root, *root.rglob("*")) if path.name != "tmp")]
    assert {path.stat().st_ino for path in kept} <= synced


def test_a_damaged_block_is_not_returned(store, root) -> None:
    cid = store.put(ONE, DATA)
    first, _ = next(blocks_of(DATA))
    name = decode(first)[1].hex()
    (root / ONE / "blocks" / name[:2] / name).write_bytes(b"other")
    for read in (lambda: store.fetch(ONE, cid), lambda: store.block(ONE, first)):
        with pytest.raises(WrongBytes):
            read()
    assert store.put(ONE, DATA) == cid
    assert store.fetch(ONE, cid) == DATA


def test_a_drop_that_breaks_off_hides_the_files_and_the_next_one_deletes_them(
    store, root, monkeypatch
) -> None:
    cid = store.put(ONE, DATA)

    def broken(_path) -> None:
        raise PermissionError(13, "denied")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", broken)
        with pytest.raises(Unavailable, match="cannot delete"):
            store.drop(ONE)
    assert store.generations() == {}
    with pytest.raises(NotFound):
        store.fetch(ONE, cid)
    assert [path.name.startswith(DROPPED) for path in root.iterdir()] == [True]
    store.drop(ONE)
    assert list(root.iterdir()) == []


def test_a_full_or_missing_disk_is_unavailable(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    store = FolderWithheld(tmp_path / "file" / "withheld", FakeClock())
    with pytest.raises(Unavailable):
        store.put(ONE, b"x")
    assert store.generations() == {}
    with pytest.raises(Unavailable):
        store.fetch(ONE, cid_of(b"x"))
