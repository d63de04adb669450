"""Each extra alone in an empty environment: what it installs works, what it lacks is named.

The base and `oracle` are installed. The others are only resolved: `generator` and `clap` alone are
5 GB, and pip checks the same pins either way.
"""

import subprocess
import tomllib

import pytest

from tests.support.environment import CONSTRAINTS, ROOT, Environment, copy_source

PROOF = ROOT / "scripts" / "constraints-proof.txt"
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
HEAVY = ("fastapi", "numpy", "solcx", "sqlalchemy", "starlette", "torch", "uvicorn")

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return copy_source(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def base(source, tmp_path_factory):
    made = Environment(tmp_path_factory.mktemp("base"))
    result = made.pip("-c", str(CONSTRAINTS), str(source))
    assert result.returncode == 0, result.stderr
    return made


@pytest.fixture(scope="module")
def oracle(source, tmp_path_factory):
    made = Environment(tmp_path_factory.mktemp("oracle"))
    result = made.pip("-c", str(CONSTRAINTS), f"{source}[oracle]")
    assert result.returncode == 0, result.stderr
    return made


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """What a refusal says, which is one line and no traceback."""
    assert result.returncode != 0
    said = result.stderr.strip()
    assert "Traceback" not in said and len(said.splitlines()) == 1, said
    return said


def test_the_base_has_the_command(base):
    version = base.run("refrain", "--version")
    assert version.returncode == 0 and "0.1.0" in version.stdout
    listed = base.run("refrain", "--help")
    assert listed.returncode == 0, listed.stderr
    assert {"init", "catalogue", "consent", "app", "audit"} <= set(listed.stdout.split())


def test_the_base_imports_the_client_and_nothing_heavy(base):
    program = (
        "import sys, oracle.client.app, oracle.client.artist, oracle.client.connection, "
        f"oracle.client.court; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    result = base.run("python", "-c", program)
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr
    absent = base.run("python", "-c", "import fastapi")
    assert "ModuleNotFoundError" in absent.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("refrain", "oracle", "serve"), "oracle"),
        (("refrain", "gateway"), "oracle"),
        (("refrain", "node", "serve"), "generator"),
        (("refrain", "node", "info"), "generator"),
        (("python", "-m", "generator", "info"), "generator"),
        (("python", "-m", "oracle", "serve"), "oracle"),
    ],
)
def test_a_command_of_another_extra_names_the_extra(base, words, extra):
    assert f"refrain[{extra}]" in one_line(base.run(*words))


@pytest.mark.parametrize("command", ["up", "deploy"])
def test_a_command_that_needs_a_checkout_says_so(base, command):
    assert "checkout" in one_line(base.run("refrain", command))


def test_the_oracle_alone_reads_its_settings(oracle):
    imported = oracle.run("python", "-c", "import oracle.bootstrap, oracle.api.app, sys; "
                          "sys.exit('torch' in sys.modules or 'solcx' in sys.modules)")
    assert imported.returncode == 0, imported.stderr
    assert "REFRAIN_" in one_line(oracle.run("refrain", "oracle", "serve"))
    assert "refrain[generator]" in one_line(oracle.run("refrain", "node", "serve"))


@pytest.mark.parametrize("extra", sorted(set(EXTRAS) - {"oracle"}))
def test_every_other_extra_resolves_alone(source, tmp_path, extra):
    pins = PROOF if extra == "proof" else CONSTRAINTS
    wanted = EXTRAS[extra] if extra == "proof" else [f"{source}[{extra}]"]
    result = Environment(tmp_path).pip("--dry-run", "-c", str(pins), *wanted)
    assert result.returncode == 0, result.stderr


def test_a_version_that_is_not_pinned_does_not_resolve(source, tmp_path):
    pins = tmp_path / "pins.txt"
    pins.write_text("rich==0.0.0\n")
    result = Environment(tmp_path / "empty").pip("--dry-run", "-c", str(pins), str(source))
    # The versions of pip use different words and streams for it.
    said = result.stdout + result.stderr
    assert result.returncode != 0, said
    assert "rich==0.0.0" in said or "conflicting dependencies" in said, said
