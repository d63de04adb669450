"""The tree's own rules: where imports point, how long a file may be, what the top level holds."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    "pyproject.toml", "README.md", "contracts", "oracle", "generator", "tests", "scripts",
    "hardhat-config", "Makefile", "docs", "LICENSE", "CHANGELOG.md", "SECURITY.md", ".ci",
    ".gitignore",
}
SOURCES = sorted(
    path
    for folder in ("oracle", "generator", "scripts")
    for path in (ROOT / folder).rglob("*.py")
)


def tracked() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listing.stdout.splitlines()


def modules_imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_top_level_is_fixed():
    assert {name.split("/")[0] for name in tracked()} <= TOP_LEVEL


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [linter, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture
def tree(tmp_path):
    """A copy of the packages and their import rules."""
    for package in ("oracle", "generator", "scripts"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_point_one_way(tree):
    result = lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("oracle/orders/quotes.py", "import oracle.adapters.clock", "oracle.orders.quotes"),
        ("oracle/domain/money.py", "import oracle.settings", "oracle.domain.money"),
        ("oracle/adapters/peer.py", "import generator.atomic_files", "oracle.adapters.peer"),
        ("oracle/cli/main.py", "import generator.cli", "oracle.cli.main"),
        ("oracle/cli/main.py", "import scripts.commands", "oracle.cli.main"),
        ("generator/audio/decode.py", "import generator.sandbox.tasks", "generator.audio.decode"),
        ("generator/node/routes.py", "import oracle.orders.quotes", "generator.node.routes"),
        ("generator/node/vault.py", "import oracle.adapters.chain.sender", "generator.node.vault"),
        ("generator/node/vault.py", "import oracle.adapters.clock", "generator.node.vault"),
        ("oracle/adapters/chain/rpc.py", "import oracle.adapters.chain.fees", "chain.fees"),
        ("oracle/adapters/chain/abi/__init__.py", "import oracle.ports", "oracle.ports"),
        ("oracle/http/body.py", "import oracle.settings", "oracle.http.body"),
        ("oracle/cli/main.py", "import scripts.stack.layout", "oracle.cli.main"),
        ("scripts/deploy/plan.py", "import scripts.stack.layout", "scripts.deploy.plan"),
        ("scripts/stack/layout.py", "import scripts.demo.outputs", "scripts.stack.layout"),
        ("scripts/auditor/money.py", "import oracle.domain.money", "scripts.auditor.money"),
        ("scripts/auditor/money.py", "import scripts.solidity.toolchain", "scripts.auditor.money"),
    ],
)
def test_an_import_that_goes_up_fails_the_check(tree, module, line, named):
    path = tree / module
    path.write_text(path.read_text() + f"\n{line}\n")
    result = lint(tree)
    assert result.returncode != 0
    assert named in result.stdout


@pytest.mark.parametrize("package", ["oracle", "generator", "scripts"])
def test_a_module_without_a_layer_fails_the_check(tree, package):
    (tree / package / "stray.py").write_text('"""Belongs nowhere."""\n')
    result = lint(tree)
    assert result.returncode != 0
    assert "stray" in result.stdout


def test_the_domain_needs_the_standard_library_only():
    allowed = set(sys.stdlib_module_names) | {"oracle"}
    for path in (ROOT / "oracle/domain").rglob("*.py"):
        assert {name.split(".")[0] for name in modules_imported(path)} <= allowed, path.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_are(path):
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "a module says in its docstring what it is"
    assert len(text.splitlines()) <= 250


@pytest.mark.parametrize("package", ["oracle", "generator"])
def test_commands_that_need_no_torch_do_not_pay_for_it(package):
    program = f"import {package}.cli, sys; sys.exit('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()
