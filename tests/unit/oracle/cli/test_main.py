"""The command as a whole: its help, its exit codes, what it imports, and no traceback, ever."""

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.adapters.signing.file import FileKey
from oracle.cli import main as module
from oracle.cli.main import found_commands, loaded, main
from tests.support.refrain import arguments, commands, options
from tests.support.samples import LEDGER, NODE, PAYER, SIGNERS

ROOT = Path(__file__).resolve().parents[4]
EVERY = commands()
NO_ARGUMENTS = {"oracle serve", "oracle check", "gateway", "node serve"}
"""Servers and what starts them: they take nothing that could be wrong."""
OTHERS = {"up", "deploy", "audit"}
"""They hand their words to parsers of their own, which have their own tests."""
FUZZED = sorted(EVERY.keys() - NO_ARGUMENTS - OTHERS - {"node embed", "node info"})


def python(program, **environment):
    own = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **environment}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=own, capture_output=True, text=True
    )


def test_the_tree_is_as_promised():
    assert EVERY.keys() == {
        "init", "whoami", "balance", "faucet", "key", "catalogue register", "catalogue upload",
        "catalogue list", "catalogue show", "consent show", "consent set", "consent floors",
        "consent revoke", "split create", "split show", "split assign", "recording offer",
        "recording accept", "recording copies", "recording decide", "earn withdraw", "app fund",
        "app quote", "app order", "app upgrade", "app show", "app wait", "app cancel",
        "app evidence", "court challenge", "court rule",
        "court show", "court check-evidence", "audit", "deploy",
        "up", "oracle serve", "oracle check", "gateway", "node serve", "node info", "node analyse",
        "node generate", "node render", "node embed",
    }  # fmt: skip


@pytest.mark.parametrize("name", [n for n in FUZZED if not n.startswith("node")])
def test_every_command_prints_json(name):
    assert {"--json", "--profile"} <= options(EVERY[name])


@pytest.mark.parametrize(
    "name",
    ["consent set", "consent floors", "consent revoke", "split create", "split assign",
     "recording offer", "recording accept", "earn withdraw", "app fund", "app order",
     "app upgrade", "court challenge", "court rule", "catalogue register", "faucet", "init"],
)  # fmt: skip
def test_every_change_takes_yes(name):
    assert "--yes" in options(EVERY[name])


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "0 done, 1 refused, 2 wrong usage, 3" in said and "catalogue" in said
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("refrain ")


@pytest.mark.parametrize("words", [[], ["dance"], ["consent"], ["consent", "set"], ["--dance"]])
def test_wrong_usage_is_2(words, capsys):
    assert main(words) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_help_imports_nothing_heavy():
    heavy = ["web3", "torch", "numpy", "fastapi", "sqlalchemy", "httpx", "scripts.stack.stack"]
    program = (
        "import sys; from oracle.cli.main import main; code = main(['--help']); "
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    assert python(program).stderr.strip() == "[]"


def test_the_client_needs_its_own_packages_only():
    program = (
        "import sys, pkgutil, importlib, oracle.client\n"
        "for found in pkgutil.iter_modules(oracle.client.__path__):\n"
        "    importlib.import_module('oracle.client.' + found.name)\n"
        "heavy = ['torch', 'fastapi', 'sqlalchemy', 'uvicorn', 'solcx', 'numpy', 'scipy',\n"
        "         'ipfshttpclient', 'generator', 'scripts', 'refrain_audit']\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = python(program)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


class TestMissingParts:
    def test_an_extra_is_named(self):
        entry = EntryPoint("node", "no_such_package.cli:app [generator]", "refrain.commands")
        with pytest.raises(module.NotInstalled, match=r"extra generator .*'refrain\[generator\]'"):
            loaded(entry).main([], standalone_mode=False)

    def test_a_checkout_is_asked_for(self):
        entry = EntryPoint("up", "scripts.no_such_module:app", "refrain.commands")
        with pytest.raises(module.NotInstalled, match="`refrain up` needs a checkout"):
            loaded(entry).main(["--state", "x"], standalone_mode=False)

    def test_a_package_that_is_missing_later_is_one_line(self, capsys, monkeypatch):
        monkeypatch.setitem(sys.modules, "generator.engines", None)
        assert main(["node", "analyse", "x.wav"]) == 1
        told = capsys.readouterr().err
        assert "needs the extra generator" in told and len(told.splitlines()) == 1

    def test_every_command_names_what_it_needs(self):
        extras = {name: entry.extras for name, entry in found_commands().items() if entry.extras}
        assert extras == {"node": ["generator"], "oracle": ["oracle"], "gateway": ["oracle"],
                          "audit": ["audit"]}  # fmt: skip


def test_a_reader_that_goes_away_is_no_failure(tmp_path):
    command = f"{sys.executable} -m oracle --help | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""


def test_closed_streams_are_no_failure():
    command = f"{sys.executable} -m oracle dance >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], cwd=ROOT).returncode == 2


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """A profile whose chain does not answer, and files to name."""
    folder = tmp_path_factory.mktemp("fuzz")
    deployment = {
        "chainId": 31337, "token": PAYER, "splits": NODE, "ledger": LEDGER, "block": 0,
        "set": {"threshold": 1, "signers": [SIGNERS[0]]}, "authority": PAYER, "timelock": NODE,
        "modules": dict.fromkeys(("catalogue", "settlement", "oversight", "purse"), NODE),
        "window": 9, "court": NODE, "pool": NODE, "lens": NODE,
    }  # fmt: skip
    (folder / "deployment.json").write_text(json.dumps(deployment))
    (folder / "empty").touch()
    FileKey.create(folder / "key")
    return folder


@pytest.mark.parametrize("name", FUZZED)
@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_argument_ends_in_a_traceback(name, data, settled, capsys, monkeypatch):
    monkeypatch.chdir(settled)
    monkeypatch.setenv("REFRAIN_CONFIG", str(settled / "config.toml"))
    monkeypatch.setenv("REFRAIN_RPC", "http://127.0.0.1:9/secret")
    monkeypatch.setenv("REFRAIN_DEPLOYMENT", str(settled / "deployment.json"))
    monkeypatch.setenv("REFRAIN_KEY", str(settled / "key"))
    monkeypatch.setenv("REFRAIN_API", "http://127.0.0.1:9")
    monkeypatch.setenv("REFRAIN_VAULT", str(settled / "vault"))
    words = data.draw(arguments(EVERY[name]))
    assert main([*name.split(), *words]) in (0, 1, 2, 3)
    assert "secret" not in capsys.readouterr().err
