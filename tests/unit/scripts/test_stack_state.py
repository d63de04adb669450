"""The folder of a stack between two starts: what --keep keeps, and what it refuses."""

import socket
from pathlib import Path

import pytest

from scripts.stack.catalogue_folder import folder_offers
from scripts.stack.layout import PORTS, SAVED_CHAIN, ports_of
from scripts.stack.processes import Processes
from scripts.stack.registration import Registered
from scripts.stack.state import KEYS, RECORDINGS, StackRunning, fresh_state, kept_state
from scripts.stack.up import new_offers

DATABASE = "oracle-1.sqlite"


@pytest.fixture
def folder(tmp_path):
    """The state of a run that ended in order."""
    (tmp_path / KEYS).mkdir()
    (tmp_path / KEYS / "app.key").write_text("00")
    (tmp_path / "pins" / "blocks").mkdir(parents=True)
    for name in (SAVED_CHAIN, RECORDINGS, DATABASE):
        (tmp_path / name).write_text("[]")
    ports_of(tmp_path / PORTS)
    return tmp_path


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_a_complete_state_is_kept_whole(folder):
    before, said = names(folder), []
    kept_state(folder, said.append)
    assert names(folder) == before | {"logs"}
    assert said == ["the state of the last run is complete: it continues"]


@pytest.mark.parametrize("missing", [SAVED_CHAIN, RECORDINGS])
def test_an_incomplete_state_keeps_ports_and_accounts_only(folder, missing):
    ports, said = ports_of(folder / PORTS), []
    (folder / missing).unlink()
    kept_state(folder, said.append)
    assert names(folder) == {KEYS, PORTS}
    assert ports_of(folder / PORTS) == ports
    assert said[0].startswith("no complete state of an earlier run")


def test_without_keep_nothing_is_kept(folder):
    fresh_state(folder, print)
    assert not folder.exists()


def test_a_kept_port_in_use_is_named_with_its_part(folder):
    port = ports_of(folder / PORTS)["oracle-2"]
    with socket.create_server(("127.0.0.1", port)), pytest.raises(StackRunning) as refused:
        kept_state(folder, print)
    assert f"port {port} of oracle-2 is in use" in str(refused.value)


@pytest.mark.parametrize("prepare", [fresh_state, kept_state])
def test_a_folder_in_use_is_refused_and_left_alone(folder, prepare):
    Processes(folder).adopt_self("stack")
    with pytest.raises(StackRunning, match="a stack already runs in this folder"):
        prepare(folder, print)
    assert (folder / DATABASE).exists()


def test_the_parts_have_different_ports(tmp_path):
    ports = ports_of(tmp_path / PORTS)
    assert len(set(ports.values())) == len(ports) == 7


def test_a_file_that_is_registered_is_known_under_a_relative_path_too(tmp_path, monkeypatch):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_bytes(name.encode())
    first, second = folder_offers(tmp_path).offers
    known = [Registered(1, first, (), 1.0, 0.0).describe()]
    monkeypatch.chdir(tmp_path.parent)
    again = folder_offers(Path(tmp_path.name)).offers
    assert [offer.path.name for offer in new_offers(again, known)] == [second.path.name]
    (tmp_path / "a.wav").write_bytes(b"another take")
    assert len(new_offers(again, known)) == 2
