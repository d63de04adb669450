"""A claim in the docs is a test: settings, stages, reasons, commands and files exist as written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.domain.attribution import RULES
from oracle.domain.consent import TIERS
from oracle.domain.generation import Stage

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [p for folder in ("oracle", "generator") for p in (ROOT / folder).rglob("*.py")]


def text(*names):
    return "\n".join((ROOT / name).read_text() for name in names)


def settings_in(paths):
    names = {name for path in paths for name in re.findall(r"REFRAIN_[A-Z_]+", path.read_text())}
    return {name.rstrip("_") for name in names}


def test_every_setting_stands_in_the_runbook_and_no_other():
    code = settings_in(path for path in SOURCES if path.name == "settings.py")
    table = set(re.findall(r"`(REFRAIN_[A-Z_]+)`", text("docs/runbook.md")))
    assert table == code | {"REFRAIN_RPC", "REFRAIN_DEPLOYMENT"}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_make_targets_named_in_the_docs_exist():
    said = text("README.md", "docs/runbook.md")
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", said, re.MULTILINE))
    assert {"demo", "test", "up", "check", "bench-gas"} <= named
    for target in named:
        result = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr


def test_modules_started_in_the_docs_have_help():
    said = text("README.md", "docs/runbook.md")
    named = set(re.findall(r"python -m ((?:scripts\.)?[a-z_]+)", said))
    assert {"scripts.client", "oracle", "generator"} <= named
    for module in named:
        result = subprocess.run(
            [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("command", ["key", "split", "register", "upload", "revoke", "withdraw",
                                     "fund", "generate"])
def test_client_commands_in_the_runbook_exist(command):
    assert f"scripts.client {command} " in text("docs/runbook.md")
    result = subprocess.run(
        [sys.executable, "-m", "scripts.client", command, "--help"], cwd=ROOT, capture_output=True
    )
    assert result.returncode == 0


def test_words_of_the_api_stand_in_the_docs():
    said = text("docs/manifest.md", "docs/runbook.md", "README.md")
    for word in [*RULES, *TIERS, Stage.SETTLED.value, Stage.REFUSED.value, Stage.FAILED.value]:
        assert f"`{word}`" in said, word


def test_every_named_package_is_pinned_and_said_why():
    pinned = {line.split("==")[0].lower().replace("_", "-")
              for line in text("scripts/constraints.txt").splitlines() if "==" in line}
    named = re.findall(r"^\| `([a-zA-Z0-9-]+)` \|", text("README.md"), re.MULTILINE)
    assert {"web3", "py-solc-x", "torch", "torchaudio", "laion-clap", "fastapi", "eth-account",
            "ipfshttpclient", "pytest"} <= set(named)
    assert {name.lower() for name in named} <= pinned
