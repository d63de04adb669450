"""A claim in the docs is a test: settings, stages, reasons, commands and files exist as written."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from oracle.domain.attribution import RULES
from oracle.domain.consent import TIERS
from oracle.domain.generation import Stage
from scripts.compile import compile_contracts
from scripts.deployment.contracts import MODULES
from scripts.deployment.plan import ADMIN, FUNCTIONS

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
                                     "fund", "generate", "amend", "floors", "transfer",
                                     "upgrade"])
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


def functions(contract):
    found = json.loads((compile_contracts() / f"{contract}.json").read_text())["abi"]
    return {item["name"]: item for item in found if item["type"] == "function"}


def selector(function):
    kinds = ",".join(map(collapse_if_tuple, function["inputs"]))
    return "0x" + keccak(text=f"{function['name']}({kinds})")[:4].hex()


def test_the_table_of_roles_is_what_is_deployed():
    row = re.compile(r"^\| \w+ \| (\d) \| [^|]+ \| ([^|;]+)", re.MULTILINE)
    rows = row.findall(text("docs/runbook.md"))
    said = {int(number): set(re.findall(r"`(\w+)`", calls)) for number, calls in rows}
    admin = said.pop(ADMIN)
    assert said == {role: set(names) for role, (_, names) in FUNCTIONS.items()}
    assert admin <= set(functions("RoyaltyLedger")) - set().union(*said.values())


def test_calls_named_in_the_runbook_exist():
    contracts = ("RoyaltyLedger", "RightsSplits", "DisputeCourt", "TrainingPool", "RoyaltyLens",
                 "TimelockController")
    known = set().union(*map(functions, contracts))
    said = text("docs/runbook.md")
    for part in ("## Court", "**Roles.**", "The lens"):
        said_here = said.split(part, 1)[1].split("\n\n## ", 1)[0]
        assert set(re.findall(r"`([a-z]\w+)`", said_here)) - {"authority", "lens"} <= known | {
            "generatedAt", "detail"}


def test_settle_is_first_among_the_selectors():
    found = functions("RoyaltyLedger")
    first = min(map(selector, found.values()))
    assert first == selector(found["settle"])
    assert f"`{first}`" in text("docs/adr/0012-settle-is-first-in-the-dispatch.md")
    assert len(found) > 70


def test_the_ledger_has_the_modules_that_the_docs_name():
    said = text("docs/adr/0010-the-ledgers-code-in-modules.md")
    for module in MODULES:
        assert module.removesuffix("Module").lower() in said
        assert f"{module[0].lower()}{module[1:]}" in functions("RoyaltyLedger")


def test_the_readmes_gas_is_the_committed_gas():
    committed = json.loads(text("docs/gas.json"))
    row = re.compile(r"^\| Refrain, first and later alike \|(.*)\|$", re.MULTILINE)
    [figures] = row.findall(text("README.md"))
    gas = [committed[f"settle {size} later"]["ours"] for size in (2, 10, 100)]
    said = [int(number) for number in re.findall(r"(\d+)k", figures)]
    assert said == [round(each / 1000) for each in gas]


@pytest.mark.parametrize("said", ["There is no dispute window", "no dispute window yet",
                                  "Credits can be withdrawn at once"])
def test_limits_that_are_gone_are_not_told_any_more(said):
    assert said not in text("README.md")
