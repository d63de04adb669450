"""The audit's own rules: nothing of ours, few packages, and modules that point one way."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scripts/auditor"
FRONT_DOOR = ROOT / "scripts/audit.py"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = {path.stem for path in MODULES}
HEAVY = {"numpy", "scipy", "soundfile"}
LAYERS = [
    "__main__",
    "cli",
    "run",
    "steps | registry | accounts | batches | disputes | training_pool | statements | scope | known"
    " | transfers | state_checks | code_checks | event_checks",
    "signature_checks | payment_checks | consent_checks | manifest_checks | content_checks",
    "generation",
    "books",
    "chain | money | content | calls | render",
    "receipts | history | splits | vectors | state | stored",
    "rpc | edits | manifest_form | trie | headers",
    "amounts | buckets | events | json_text | cids | patience | proxies | signatures | typed_data"
    " | statement_file | trace_form | slots | known_code | rlp",
    "report",
    "kinds",
    "__init__",
]
"""From top to bottom; a module imports only from layers below its own."""


@dataclass(frozen=True)
class Import:
    """One imported name: dots in front, the module after them, and whether it is lazy."""

    level: int
    module: str
    lazy: bool

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def imports(text: str) -> Iterator[Import]:
    tree = ast.parse(text)
    at_once = set(map(id, tree.body))
    for node in ast.walk(tree):
        lazy = id(node) not in at_once
        if isinstance(node, ast.Import):
            yield from (Import(0, name.name, lazy) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield Import(node.level, node.module, lazy)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(node.level, name.name, lazy) for name in node.names)


def declared() -> set[str]:
    """The packages of the extra `audit`, as they are imported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {name.replace("-", "_") for name in project["optional-dependencies"]["audit"]}


def faults(text: str) -> list[str]:
    """The imports that a module of the audit must not have."""
    allowed = declared() | set(sys.stdlib_module_names)
    found = []
    for one in imports(text):
        if one.level:
            good = one.level == 1 and one.module in NAMES
        else:
            good = one.top in allowed and (one.lazy or one.top not in HEAVY)
        if not good:
            found.append("." * one.level + one.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_nothing_of_ours(path):
    assert faults(path.read_text()) == []


def test_the_front_door_imports_the_command_line_only():
    found = {one.module for one in imports(FRONT_DOOR.read_text()) if not one.level}
    assert found - set(sys.stdlib_module_names) == {"auditor.cli"}


@pytest.mark.parametrize("line", [
    "import oracle.domain", "from generator.audio import decode", "from tests import trio",
    "from scripts.auditor import report", "import auditor.report", "import refrain_audit",
    "from ..solidity import compile", "from .. import stack", "from .nowhere import x",
    "from . import nowhere", "import web3", "import numpy", "def f():\n    import oracle",
])  # fmt: skip
def test_an_import_that_is_not_allowed_is_found(line):
    assert len(faults(line)) == 1


def test_every_declared_package_is_used():
    used = {one.top for path in MODULES for one in imports(path.read_text()) if not one.level}
    assert declared() <= used


def test_every_module_has_one_layer():
    listed = [name for layer in LAYERS for name in layer.split(" | ")]
    assert sorted(listed) == sorted(NAMES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_inside_the_audit_point_down(path):
    place = {name: depth for depth, layer in enumerate(LAYERS) for name in layer.split(" | ")}
    inside = [one.module for one in imports(path.read_text()) if one.level]
    assert [name for name in inside if place[name] <= place[path.stem]] == []


def test_audio_libraries_are_loaded_for_references_only():
    program = "import scripts.auditor.run, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {*HEAVY, "oracle", "generator"} & set(done.stdout.split())
