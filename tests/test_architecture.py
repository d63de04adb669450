"""The tree's own rules: where imports point, how long a file may be, what the top level holds."""

import ast
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
ONE_STORY = {"scripts/audit.py"}  # one file on purpose: an auditor copies it and reads it alone
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


def test_imports_point_one_way():
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_audit_shares_no_code_with_the_rest():
    ours = {"oracle", "generator", "scripts", "tests"}
    assert not {name.split(".")[0] for name in modules_imported(ROOT / "scripts/audit.py")} & ours


def test_the_domain_needs_the_standard_library_only():
    allowed = set(sys.stdlib_module_names) | {"oracle"}
    for path in (ROOT / "oracle/domain").glob("*.py"):
        assert {name.split(".")[0] for name in modules_imported(path)} <= allowed, path.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_are(path):
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "a module says in its docstring what it is"
    if str(path.relative_to(ROOT)) not in ONE_STORY:
        assert len(text.splitlines()) <= 250


@pytest.mark.parametrize("package", ["oracle", "generator"])
def test_commands_that_need_no_torch_do_not_pay_for_it(package):
    program = f"import {package}.cli, sys; sys.exit('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()
