"""`make up ARGS=--keep`: a second start continues the first, and a crash starts the chain again."""

import signal
import subprocess
from pathlib import Path

import pytest

from oracle.adapters.chain import deployment
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import open_key
from oracle.client.app import App
from oracle.client.wallet import Wallet
from scripts.demo import outputs
from tests.audit.ending import SOUND, passed
from tests.support.odd_audio import music, write

from .running import running_up
from .world import PROMPT, SALT, asked

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.long]
HUNDRED_DOLLARS = 100_000_000
SAME = ("rpc", "api", "gateway", "nodes", "deployment", "accounts", "key_files", "recordings")


def app_of(stack):
    """The funded app, from nothing but stack.json and the files that it names."""
    key = open_key(stack["key_files"]["app"])
    made = deployment.load(Path(stack["deployment_file"]))
    return App(Wallet(Rpc(stack["rpc"]), key), key, made, stack["api"][0])


def buy(app, recording):
    view = app.buy(asked([(recording, 1_000_000)]), PROMPT, SALT, 10_000_000, 300)
    assert view["stage"] == "settled", view["detail"]
    return view


@pytest.fixture
def song(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    write(folder / "a.wav", music(44_100, 2, 8), 44_100, "PCM_16")
    return folder


def test_a_second_start_continues_the_first(tmp_path, song):
    options = ("--keep", "--catalogue", str(song))
    with running_up(tmp_path, *options) as up:
        first = up.described()
        app = app_of(first)
        assert app.escrow() == HUNDRED_DOLLARS
        bought, spent = buy(app, first["recordings"][0]["recording"]), app.escrow()
        assert up.end(signal.SIGTERM) == 0, up.said()
    with running_up(tmp_path, *options) as up:
        second = up.described()
        app = app_of(second)
        assert {name: second[name] for name in SAME} == {name: first[name] for name in SAME}
        assert app.view(bought["id"]) == bought
        assert app.escrow() == spent
        again = buy(app, second["recordings"][0]["recording"])
        assert spent - app.escrow() == int(again["price"])
        audit(second, bought, again, tmp_path / "out", song)


def audit(stack, bought, again, out, references):
    """The audit reads chain and IPFS only: both orders are there, and every amount agrees."""
    outputs.fetch_pinned(again["links"], outputs.fresh_folder(out))
    code, lines = outputs.run_audit(stack, out, references)
    assert code == 0 and passed(lines[-1], SOUND)
    assert all(any(view["id"] in line for line in lines) for view in (bought, again))


def test_a_new_file_of_the_folder_is_registered_by_the_next_start(tmp_path, song):
    options = ("--keep", "--catalogue", str(song))
    with running_up(tmp_path, *options) as up:
        [first] = up.described()["recordings"]
        assert up.end(signal.SIGTERM) == 0, up.said()
    write(song / "b.wav", music(44_100, 2, 9), 44_100, "PCM_16")
    with running_up(tmp_path, *options) as up:
        both = up.described()["recordings"]
        assert both[0] == first
        assert [row["title"] for row in both] == ["a", "b"]
        assert both[1]["recording"] == first["recording"] + 1


def address_said(up):
    while "anvil runs: " not in up.said():
        assert up.process.poll() is None, up.said()
    return up.said().split("anvil runs: ")[1].split()[0]


def test_after_a_crash_the_ports_and_accounts_are_kept(tmp_path):
    with running_up(tmp_path, "--keep") as up:
        address = address_said(up)
        keys = {path.name: path.read_text() for path in (tmp_path / "up" / "keys").iterdir()}
        up.process.kill()
        up.process.wait()
        with running_up(tmp_path, "--keep") as second:
            assert address_said(second) == address
            said = second.said()
            for name, key in keys.items():
                assert (tmp_path / "up" / "keys" / name).read_text() == key
    assert "ending anvil (process " in said
    assert "a new chain, with the ports and accounts kept" in said


def test_a_kept_port_that_another_program_uses_is_named(tmp_path):
    with running_up(tmp_path, "--keep") as up:
        port = address_said(up).rsplit(":", 1)[1]
        assert up.end(signal.SIGTERM) == 0
    with (
        subprocess.Popen(["python3", "-m", "http.server", "--bind", "127.0.0.1", port]) as other,
        running_up(tmp_path, "--keep") as up,
    ):
        assert up.process.wait(60) == 1
        assert f"port {port} of anvil is in use by another program" in up.said()
        other.terminate()
