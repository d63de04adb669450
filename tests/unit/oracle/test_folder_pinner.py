"""The folder pinner: its layout, and its state after faults and crashes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from oracle.adapters.pinning.folder import FolderPinner
from oracle.domain.cid import CHUNK, blocks_of, cid_of, decode
from oracle.domain.errors import InvalidInput, NotFound, Unavailable, WrongBytes

DATA = bytes(range(256)) * 8200
ROOT = Path(__file__).parents[3]


def path_of(root: Path, cid: str) -> Path:
    name = decode(cid)[1].hex()
    return root / "blocks" / name[:2] / name


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


def run(program: str, *arguments: str, limit: int | None = None) -> subprocess.Popen[str]:
    """Runs a Python program in another process that cannot write more than `limit` bytes a file."""

    def confine() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=-1, text=True, preexec_fn=confine)


def test_the_layout_is_blocks_by_digest_and_pins_by_cid(tmp_path: Path) -> None:
    cid = FolderPinner(tmp_path).pin(DATA)
    blocks = dict(blocks_of(DATA))
    assert files(tmp_path) == {path_of(tmp_path, name) for name in blocks} | {
        tmp_path / "pins" / cid
    }
    assert all(path_of(tmp_path, name).read_bytes() == block for name, block in blocks.items())


def test_other_users_may_read_the_blocks(tmp_path: Path) -> None:
    cid = FolderPinner(tmp_path).pin(b"x")
    assert path_of(tmp_path, cid).stat().st_mode & 0o777 == 0o644


def test_a_damaged_block_is_refused_and_replaced_by_pinning_again(tmp_path: Path) -> None:
    pinner = FolderPinner(tmp_path)
    cid = pinner.pin(DATA)
    victim = path_of(tmp_path, cid_of(DATA[:CHUNK]))
    for damage in (b"", b"x" + victim.read_bytes()[1:], victim.read_bytes() + b"x"):
        victim.write_bytes(damage)
        with pytest.raises(WrongBytes):
            pinner.fetch(cid)
        assert pinner.pin(DATA) == cid
        assert pinner.fetch(cid) == DATA


def test_a_lost_block_is_not_found_despite_its_pin(tmp_path: Path) -> None:
    pinner = FolderPinner(tmp_path)
    cid = pinner.pin(DATA)
    path_of(tmp_path, cid_of(DATA[:CHUNK])).unlink()
    with pytest.raises(NotFound):
        pinner.fetch(cid)


def test_a_path_that_is_not_a_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    pinner = FolderPinner(tmp_path / "file")
    with pytest.raises(Unavailable):
        pinner.pin(b"x")
    with pytest.raises(Unavailable):
        pinner.fetch(cid_of(b"x"))


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return (1 << 28) + 1

    with pytest.raises(InvalidInput):
        FolderPinner(tmp_path).pin(Huge())
    assert not files(tmp_path)


PIN = """
import sys
from pathlib import Path
from oracle.adapters.pinning.folder import FolderPinner
try:
    print(FolderPinner(sys.argv[1]).pin(Path(sys.argv[2]).read_bytes()))
except Exception as error:
    print(type(error).__name__)
"""


def test_a_full_disk_leaves_no_pin_and_no_partial_block(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(DATA)
    store = tmp_path / "store"
    program = run(PIN, str(store), str(tmp_path / "data"), limit=CHUNK // 2)
    assert program.communicate()[0].strip() == "Unavailable"
    assert not files(store)


def test_many_processes_may_pin_the_same_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(DATA)
    store = tmp_path / "store"
    programs = [run(PIN, str(store), str(tmp_path / "data")) for _ in range(4)]
    assert {program.communicate()[0].strip() for program in programs} == {cid_of(DATA)}
    assert FolderPinner(store).fetch(cid_of(DATA)) == DATA
    assert not files(store / "tmp")


def test_a_killed_process_leaves_only_whole_blocks(tmp_path: Path) -> None:
    """After repeated kills during pinning every block is complete, and a pinned tree is whole."""
    (tmp_path / "data").write_bytes(os.urandom(12 * CHUNK))
    data = (tmp_path / "data").read_bytes()
    store = FolderPinner(tmp_path / "store")
    for blocks in (1, 3, 5, 8):
        program = run(PIN, str(tmp_path / "store"), str(tmp_path / "data"))
        while program.poll() is None and len(files(tmp_path / "store/blocks")) < blocks:
            pass
        program.kill()
        program.communicate()
        for path in files(tmp_path / "store/blocks"):
            assert sha256(path.read_bytes()).hexdigest() == path.name, "half a block"
        if store.pinned(cid_of(data)):
            assert store.fetch(cid_of(data)) == data
    assert store.pin(data) == cid_of(data)
