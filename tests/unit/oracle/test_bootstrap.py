"""Bootstrap and command line: wrong settings stop the start, and the error names the reason."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oracle import bootstrap, settings
from oracle.adapters.signing.file import FileKey
from oracle.cli.main import main
from oracle.domain.errors import InvalidInput
from tests.support.samples import LEDGER, NODE, PAYER, SIGNERS
from tests.unit.oracle.test_settings import GOOD


@pytest.fixture
def environment(tmp_path):
    """Settings with existing keys and an unreachable chain."""
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
def test_an_error_names_what_cannot_be_opened(environment, name, value):
    with pytest.raises(InvalidInput) as caught:
        bootstrap.build(settings.read({**environment, name: value}))
    assert caught.value.field in (name, "deployment")


def test_a_set_without_a_majority_is_refused(environment):
    path = Path(environment["REFRAIN_DEPLOYMENT"])
    found = json.loads(path.read_text())
    found["set"]["threshold"] = 1
    path.write_text(json.dumps(found))
    with pytest.raises(InvalidInput) as caught:
        bootstrap.build(settings.read(environment))
    said = "deployment.set.threshold: must be more than half of the 2 signers (found 1)"
    assert str(caught.value) == said


def test_a_key_outside_the_set_is_refused(environment):
    spoiled = {**environment, "REFRAIN_ORACLE_KEY": environment["REFRAIN_SENDER_KEY"]}
    with pytest.raises(InvalidInput, match="not a signer"):
        bootstrap.build(settings.read(spoiled))


def test_more_copies_than_oracles_are_refused(environment):
    with pytest.raises(InvalidInput, match="REFRAIN_COPIES: must be at most 2"):
        bootstrap.build(settings.read({**environment, "REFRAIN_COPIES": "3"}))


@pytest.mark.parametrize("name", ["ftp", "folder"])
def test_an_unknown_pinner_is_refused(name):
    with pytest.raises(InvalidInput, match="REFRAIN_PIN"):
        bootstrap.build_pinner(settings.read_pinning({"REFRAIN_PINNER": name}))


def run(*arguments, **environment):
    root = Path(__file__).resolve().parents[3]
    own = {"PATH": os.environ["PATH"], **environment}
    command = [sys.executable, "-m", "oracle", *arguments]
    return subprocess.run(command, env=own, cwd=root, capture_output=True, text=True)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_command_without_settings_names_the_missing_one(command):
    done = run(command)
    assert done.returncode == 1
    assert "Invalid input: REFRAIN_" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_chain_is_reported_without_secrets(environment):
    spoiled = {**environment, "REFRAIN_RPC": "http://127.0.0.1:9/secret-key"}
    done = run("serve", **spoiled)
    assert done.returncode == 3
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_refused(capsys):
    assert main(["oracle", "dance"]) == 2
    assert "dance" in capsys.readouterr().err


def test_help_loads_no_chain_and_no_server():
    program = (
        "import sys, oracle.cli.oracle, oracle.cli.gateway; "
        "sys.exit(any(m in sys.modules for m in ('web3', 'fastapi', 'torch', 'sqlalchemy')))"
    )
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", program], cwd=root).returncode == 0
