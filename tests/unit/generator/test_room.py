"""A vault has a bound, and uploads leave a part of the disk free."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from generator.node.room import Room
from generator.node.vault import LARGEST, Vault
from generator.sandbox.process import EngineProcess
from oracle.domain.errors import Unavailable
from tests.unit.generator import songs
from tests.unit.generator.test_vault import receive


def held(folder: Path, size: int) -> None:
    path = folder / "audio" / "ab" / ("ab" * 32)
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(size))


def test_a_vault_takes_files_up_to_its_bound(tmp_path: Path) -> None:
    held(tmp_path, 1_000)
    Room(tmp_path, 1_500, 0).require(500)
    with pytest.raises(Unavailable, match="vault: is full") as caught:
        Room(tmp_path, 1_500, 0).require(501)
    assert caught.value.value == "1000"


def test_uploads_leave_a_part_of_the_disk_free(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    Room(tmp_path, 1 << 60, free // 2).require(1)
    with pytest.raises(Unavailable, match="disk: is full"):
        Room(tmp_path, 1 << 60, 2 * free).require(1)


def test_an_upload_without_room_is_refused_before_its_first_byte(tmp_path: Path) -> None:
    process = EngineProcess({}, tmp_path / "cache")
    vault = Vault(tmp_path, "here", process, "tiny", room=Room(tmp_path, LARGEST - 1, 0))
    with pytest.raises(Unavailable, match="vault: is full"):
        receive(vault, songs.song(1))
    assert not list(tmp_path.glob("audio/*/*"))


def test_a_file_that_is_held_already_needs_no_room(tmp_path: Path) -> None:
    process = EngineProcess({}, tmp_path / "cache")
    content = songs.song(1)
    path = receive(Vault(tmp_path, "here", process, "tiny"), content)
    full = Vault(tmp_path, "here", process, "tiny", room=Room(tmp_path, 0, 0))
    assert receive(full, content) == path
    assert path.name == hashlib.sha256(content).hexdigest()
