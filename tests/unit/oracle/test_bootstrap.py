"""Bootstrap and command line: nothing starts half-configured, and the reason is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oracle import bootstrap, cli, settings
from oracle.adapters.signing.file import FileKey
from oracle.domain.errors import InvalidInput
from tests.samples import LEDGER, NODE, PAYER, SIGNERS
from tests.unit.oracle.test_settings import GOOD


@pytest.fixture
def environment(tmp_path):
    """Settings whose keys exist and whose chain is nowhere."""
    keys = [FileKey.create(tmp_path / name).address for name in ("oracle", "sender")]
    signers = sorted([keys[0], SIGNERS[0]], key=lambda address: int(address, 16))
    deployment = {
        "chainId": 31337, "token": PAYER, "splits": NODE, "ledger": LEDGER, "block": 0,
        "set": {"threshold": 2, "signers": signers}, "authority": PAYER, "timelock": NODE,
        "modules": dict.fromkeys(("catalogue", "settlement", "oversight", "purse"), NODE),
        "window": 9, "court": NODE, "pool": NODE, "lens": NODE,
    }  # fmt: skip
    (tmp_path / "deployment.json").write_text(json.dumps(deployment))
    return {
        **GOOD,
        "REFRAIN_RPC": "http://127.0.0.1:9",
        "REFRAIN_DEPLOYMENT": str(tmp_path / "deployment.json"),
        "REFRAIN_ORACLE_KEY": str(tmp_path / "oracle"),
        "REFRAIN_SENDER_KEY": str(tmp_path / "sender"),
        "REFRAIN_DATABASE": str(tmp_path / "oracle.sqlite"),
        "REFRAIN_PIN_FOLDER": str(tmp_path / "pins"),
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REFRAIN_ORACLE_KEY", "/nowhere"),
        ("REFRAIN_SENDER_KEY", "vault:5"),
        ("REFRAIN_DEPLOYMENT", "/nowhere"),
    ],
)
def test_what_cannot_be_opened_is_named(environment, name, value):
    with pytest.raises(InvalidInput) as caught:
        bootstrap.build(settings.read({**environment, name: value}))
    assert caught.value.field in (name, "deployment")


def test_a_key_of_no_signer_does_not_attest(environment):
    spoiled = {**environment, "REFRAIN_ORACLE_KEY": environment["REFRAIN_SENDER_KEY"]}
    with pytest.raises(InvalidInput, match="not a signer"):
        bootstrap.build(settings.read(spoiled))


@pytest.mark.parametrize("name", ["ftp", "folder"])
def test_a_pinner_that_is_none_is_named(name):
    with pytest.raises(InvalidInput, match="REFRAIN_PIN"):
        bootstrap.build_pinner(settings.read_pinning({"REFRAIN_PINNER": name}))


def run(*arguments, **environment):
    root = Path(__file__).resolve().parents[3]
    own = {"PATH": os.environ["PATH"], **environment}
    command = [sys.executable, "-m", "oracle", *arguments]
    return subprocess.run(command, env=own, cwd=root, capture_output=True, text=True)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_command_without_settings_says_which_are_missing(command):
    done = run(command)
    assert done.returncode == 2
    assert f"oracle {command}: REFRAIN_" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_chain_that_is_not_there_is_said_without_its_secrets(environment):
    spoiled = {**environment, "REFRAIN_RPC": "http://127.0.0.1:9/secret-key"}
    done = run("serve", **spoiled)
    assert done.returncode == 2
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["dance"])
    assert caught.value.code == 2
    assert "serve" in capsys.readouterr().err


def test_saying_what_there_is_loads_no_chain_and_no_server():
    program = (
        "import sys, oracle.cli; "
        "sys.exit(any(m in sys.modules for m in ('web3', 'fastapi', 'torch', 'sqlalchemy')))"
    )
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root).returncode == 0
