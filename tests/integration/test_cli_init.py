"""`refrain init`, profiles and keys, on a real chain."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from oracle.client.profile import load_config
from tests.support.chain_world import copied_world
from tests.support.shell import Shell


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def shell(world, tmp_path, monkeypatch, capsys):
    made = Shell(world, tmp_path, monkeypatch, capsys)
    for name in ("REFRAIN_RPC", "REFRAIN_DEPLOYMENT"):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture
def where(world, tmp_path):
    return ["--rpc", world.chain.url, "--deployment", tmp_path / "deployment.json"]


@pytest.fixture
def stack(world, tmp_path):
    """The stack.json of a `make up` on this chain."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "app.key").touch(0o600)
    (keys / "app.key").write_text(world.chain.keys[list(world.keys).index("payer")])
    described = {
        "rpc": world.chain.url, "api": ["http://127.0.0.1:9"], "gateway": "http://127.0.0.1:9",
        "pin": f"folder:{tmp_path / 'pins'}", "nodes": ["http://127.0.0.1:9"],
        "deployment": world.deployment.to_json(), "keys": str(keys),
        "accounts": {"app": world.address("payer")},
    }  # fmt: skip
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(described))
    return path


@pytest.fixture
def without_key(monkeypatch):
    """The environment names no key, as for somebody who begins."""
    plain = Shell.__call__

    def call(self, role, *words, typed=None):
        monkeypatch.setattr(Shell, "key", lambda self, role: "")
        return plain(self, role, *words, typed=typed)

    monkeypatch.setattr(Shell, "__call__", call)


def profiles(tmp_path):
    return load_config(tmp_path / "config.toml")


def test_a_key_is_made_and_only_its_owner_reads_it(shell, where, tmp_path, without_key):
    found = shell.json("", "init", *where, "--name", "ada")
    key = Path(found["key"])
    assert key == tmp_path / "ada.key" and stat.S_IMODE(key.stat().st_mode) == 0o600
    assert shell.json("", "whoami")["address"] == found["address"]
    assert key.read_text().strip() not in (tmp_path / "config.toml").read_text()


def test_a_profile_that_exists_keeps_what_is_not_named(shell, where, tmp_path, without_key):
    shell.json("", "init", *where, "--api", "http://a")
    before = profiles(tmp_path).profiles["default"]
    assert shell("", "init", "--api", "http://b") == 1
    assert "--yes" in shell.err and profiles(tmp_path).profiles["default"] == before
    shell.json("", "init", "--api", "http://b", "--yes")
    after = profiles(tmp_path).profiles["default"]
    assert (after.api, after.rpc, after.key) == ("http://b", before.rpc, before.key)


def test_paths_hold_from_every_folder(shell, world, tmp_path, without_key):
    shell.json("", "init", "--rpc", world.chain.url, "--deployment", "deployment.json")
    assert profiles(tmp_path).profiles["default"].deployment == str(tmp_path / "deployment.json")


def test_a_stack_fills_in_everything(shell, world, stack, tmp_path, without_key):
    found = shell.json("", "init", "--stack", stack, "--as", "app")
    assert (found["profile"], found["address"]) == ("app", world.address("payer"))
    made = profiles(tmp_path).profiles["app"]
    assert made.nodes == ("http://127.0.0.1:9",) and made.pin == f"folder:{tmp_path / 'pins'}"
    stack.unlink()
    assert shell.json("", "whoami", "--profile", "app")["chain"] == 31337


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"keys": 5}', '{"rpc": "x"}', "\x00"])
def test_what_is_no_stack_is_refused(shell, stack, text, without_key):
    stack.write_text(text)
    assert shell("", "init", "--stack", stack) == 1
    assert "is not the stack.json of a running `make up`" in shell.err


@pytest.mark.parametrize("member", ["rpc", "ledger"])
def test_a_stack_that_was_stopped_says_so(shell, world, stack, tmp_path, without_key, member):
    described = json.loads(stack.read_text())
    if member == "rpc":
        described["rpc"] = "http://127.0.0.1:9"
    else:
        described["deployment"]["ledger"] = world.address("mara")
    stack.write_text(json.dumps(described))
    assert shell("", "init", "--stack", stack, "--as", "app") == 3
    assert "the stack of this file does not run: start one with `make up`" in shell.err
    assert str(stack) in shell.err and len(shell.err.splitlines()) == 1
    assert not (tmp_path / "config.toml").exists()


def test_nothing_that_is_made_is_open_to_others(
    shell, stack, where, tmp_path, monkeypatch, without_key
):
    folder = tmp_path / "home" / "config" / "refrain"
    monkeypatch.setenv("REFRAIN_CONFIG", str(folder / "config.toml"))
    key = tmp_path / "keys" / "new" / "a.key"
    before = os.umask(0)
    try:
        shell.json("", "init", "--stack", stack, "--as", "app")
        shell.json("", "init", *where, "--name", "a", "--key", key)
    finally:
        os.umask(before)
    made = [*(tmp_path / "home").rglob("*"), tmp_path / "home", key.parent, key]
    assert {"config.toml", "app.deployment.json", "a.key"} <= {path.name for path in made}
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("name", [".", "config.toml"])
def test_a_config_that_others_can_write_is_refused(shell, where, tmp_path, name, without_key):
    shell.json("", "init", *where)
    path = (tmp_path / name).resolve()
    path.chmod(path.stat().st_mode | 0o022)
    for words in (["whoami"], ["init", *where]):
        assert shell("", *words) == 1
        assert f"config: others can write it: run `chmod go-w {path}`" in shell.err
        assert len(shell.err.splitlines()) == 1
    path.chmod(path.stat().st_mode & ~0o022)
    assert shell("", "whoami") == 0


@pytest.mark.parametrize("text", ["{", "<html>", '{"chainId": 1}', "[]"])
def test_what_is_no_deployment_names_the_file(shell, where, text, without_key):
    where[-1].write_text(text)
    assert shell("", "init", *where) == 1
    assert f"deployment: {where[-1]} is no deployment file: " in shell.err
    assert len(shell.err.splitlines()) == 1


def test_a_role_that_the_stack_lacks_is_named(shell, stack, without_key):
    assert shell("", "init", "--stack", stack, "--as", "nobody") == 1
    assert "there are: app" in shell.err
    assert shell("", "init", "--as", "app") == 2


def test_another_chain_is_refused(shell, world, where, tmp_path, without_key):
    world.deployment.write(tmp_path / "other.json")
    other = (tmp_path / "other.json").read_text().replace("31337", "1")
    (tmp_path / "other.json").write_text(other)
    where[-1] = tmp_path / "other.json"
    assert shell("", "init", *where) == 1
    assert "chain id of the rpc: should be 1 (found 31337)" in shell.err
    assert not (tmp_path / "config.toml").exists() and not (tmp_path / "default.key").exists()


def test_a_ledger_that_is_not_there_is_refused(shell, world, where, tmp_path, without_key):
    described = world.deployment.to_json() | {"ledger": world.address("mara")}
    (tmp_path / "deployment.json").write_text(json.dumps(described))
    assert shell("", "init", *where) == 1
    assert "no contract is deployed there" in shell.err


def test_a_chain_that_does_not_answer_is_3(shell, tmp_path, without_key):
    words = ["--rpc", "http://127.0.0.1:9/secret", "--deployment", tmp_path / "deployment.json"]
    assert shell("", "init", *words) == 3
    assert "secret" not in shell.err and len(shell.err.splitlines()) == 1


def test_what_is_missing_is_asked_for(shell, world, tmp_path, without_key):
    typed = f"{world.chain.url}\n{tmp_path / 'deployment.json'}\n"
    assert shell("", "init", typed=typed) == 0
    assert profiles(tmp_path).profiles["default"].rpc == world.chain.url
    assert shell("", "init", "--name", "b") == 2
    assert "--rpc: must be named" in shell.err


def test_a_key_is_made_once(shell, tmp_path, without_key):
    assert shell("", "key", tmp_path / "new.key") == 0
    assert shell.out.startswith("0x")
    assert shell("", "key", tmp_path / "new.key") == 1
    assert "File exists" in shell.err


def test_the_rpcs_secret_is_not_shown(shell, where, tmp_path, without_key):
    where[1] = where[1] + "/"
    shell.json("", "init", *where)
    path = tmp_path / "config.toml"
    path.write_text(path.read_text().replace('/"', '/?key=k42"', 1))
    assert shell("", "whoami") == 0
    assert "k42" not in shell.out and "/…" in shell.out
