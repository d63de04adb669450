"""Where a stack pins: the daemon that is named, else an `ipfs` on the PATH, else a folder."""

import shlex

import pytest

from oracle.adapters.pinning.kubo import KuboPinner
from oracle.domain.cid import cid_of
from oracle.domain.errors import Unavailable
from scripts.stack.pinning import choose
from tests.support.ipfs_daemon import command


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch, tmp_path):
    monkeypatch.delenv("REFRAIN_IPFS_API", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()


def test_without_a_daemon_it_is_a_folder(tmp_path):
    environment, _ = choose(tmp_path)
    assert environment == {
        "REFRAIN_PINNER": "folder", "REFRAIN_PIN_FOLDER": str(tmp_path / "pins")
    }  # fmt: skip


def test_a_named_daemon_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("REFRAIN_IPFS_API", "/ip4/127.0.0.1/tcp/5001")
    environment, _ = choose(tmp_path)
    assert environment == {
        "REFRAIN_PINNER": "kubo", "REFRAIN_IPFS_API": "/ip4/127.0.0.1/tcp/5001"
    }  # fmt: skip


def test_an_ipfs_on_the_path_is_started_and_ended(tmp_path):
    program = tmp_path / "bin" / "ipfs"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n')
    program.chmod(0o755)
    environment, stop = choose(tmp_path)
    try:
        assert environment["REFRAIN_PINNER"] == "kubo"
        pinner = KuboPinner(environment["REFRAIN_IPFS_API"], seconds=20)
        assert pinner.pin(b"kept") == cid_of(b"kept")
    finally:
        stop()
    with pytest.raises(Unavailable):
        pinner.pin(b"too late")
