"""The audit outside a checkout: as one file, as a package of the wheel, without its packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from scripts.audit_zipapp import write
from scripts.auditor.cli import PACKAGES, REFERENCES
from tests.audit.world import World, world

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "0x" + "12" * 20
SCRIPT = ROOT / "scripts/audit.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two generations; the trace of the second one has another seed than it should have."""
    with world(tmp_path_factory.mktemp("package")) as found:
        found.settle()
        found.settle(in_trace=lambda trace: trace.update(seed="7"))
        yield found


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zipapp") / "refrain-audit.pyz"
    write(path)
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the standard library and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


def run(command: Sequence[str | Path], cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key[:6] != "PYTHON"}
    return subprocess.run([*map(str, command)], capture_output=True, text=True, cwd=cwd,
                          env={**environment, **more})


def audited(made: World, command: Sequence[str | Path], cwd: Path) -> tuple[int, str, object]:
    """Exit status, text and JSON of a whole audit."""
    out = cwd / "audit.json"
    words = ["--rpc", made.url, "--ledger", made.rig.ledger.address,
             "--ipfs", made.blocks.root, "--json", out]
    done = run([*command, *words], cwd)
    assert done.stderr == ""
    return done.returncode, done.stdout, json.loads(out.read_text())


def test_the_archive_gives_the_verdicts_of_the_script(
    made: World, archive: Path, tmp_path: Path
) -> None:
    by_archive = audited(made, [sys.executable, "-I", archive], tmp_path)
    by_script = audited(made, [sys.executable, SCRIPT], tmp_path)
    assert by_archive == by_script
    assert by_archive[0] == 1 and by_archive[1].endswith("; does not agree\n")
    assert ".. trace.seed: chain says " in by_archive[1]


@pytest.mark.parametrize("isolated", [["-I"], ["-P"]], ids=str)
def test_the_script_runs_where_python_does_not_add_its_folder(
    made: World, isolated: list[str], tmp_path: Path
) -> None:
    done = audited(made, [sys.executable, *isolated, SCRIPT], tmp_path)
    assert done[1].endswith("; does not agree\n")


def test_the_archive_is_the_same_bytes_each_time(archive: Path, tmp_path: Path) -> None:
    write(tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == archive.read_bytes()


def test_the_archive_is_a_program(archive: Path, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = run([archive, "--help"], tmp_path, PATH=path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: refrain-audit.pyz ")


def test_help_needs_no_package(archive: Path, bare: Path, tmp_path: Path) -> None:
    done = run([bare, "-I", archive, "--help"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and "--statement" in done.stdout


def test_a_missing_package_is_named(archive: Path, bare: Path, tmp_path: Path) -> None:
    words = ["--rpc", "http://127.0.0.1:9", "--ledger", LEDGER, "--ipfs", "folder"]
    plain = run([bare, "-I", archive, *words], tmp_path)
    more = run([bare, "-I", archive, *words, "--references", "folder"], tmp_path)
    start = "audit: packages are missing: pip install"
    assert (plain.returncode, plain.stdout) == (more.returncode, more.stdout) == (2, "")
    assert plain.stderr == f"{start} {' '.join(PACKAGES.values())}\n"
    assert more.stderr == f"{start} {' '.join([*PACKAGES.values(), *REFERENCES.values()])}\n"


def test_the_packages_are_those_of_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = set(project["optional-dependencies"]["audit"])
    assert extra == {*PACKAGES.values(), *REFERENCES.values()}


@pytest.mark.parametrize(("words", "expected"), [
    ([], "one of --ledger and --deployment is needed"),
    (["--ledger", LEDGER, "--json", "none/a.json"], "--json none/a.json: the folder "),
    (["--ledger", LEDGER, "--text", "none/a.txt"], "--text none/a.txt: the folder "),
    (["--ledger", LEDGER, "--confirmations", "two"], "must be a whole number of blocks"),
])  # fmt: skip
def test_a_wrong_command_line(words: list[str], expected: str, tmp_path: Path) -> None:
    start = [sys.executable, SCRIPT, "--rpc", "http://127.0.0.1:9", "--ipfs", "folder"]
    done = run([*start, *words], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr and "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel of the tree installs, unpacked."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    without = shutil.ignore_patterns("__pycache__")
    for name in ("oracle", "generator", "scripts/auditor"):
        shutil.copytree(ROOT / name, tree / name, ignore=without)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
               "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", out, tree]
    done = run(command, tree)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(*out.glob("*.whl")) as file:
        file.extractall(out / "unpacked")
    return out / "unpacked"


def test_the_wheel_has_the_audit(wheel: Path, bare: Path, tmp_path: Path) -> None:
    """The same files under another name; with nothing but the wheel they print their help."""
    found = {path.name: path.read_bytes() for path in (wheel / "refrain_audit").glob("*")}
    assert found == {path.name: path.read_bytes() for path in SCRIPT.parent.glob("auditor/*.py")}
    done = run([bare, "-P", "-s", "-m", "refrain_audit", "--help"], tmp_path, PYTHONPATH=str(wheel))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: python -m refrain_audit ")


def test_the_audit_of_the_wheel_gives_the_verdicts_of_the_script(
    made: World, wheel: Path, tmp_path: Path
) -> None:
    program = f"import sys; sys.path.insert(0, {str(wheel)!r}); from refrain_audit.cli import main"
    command = [sys.executable, "-I", "-c", f"{program}; sys.exit(main())"]
    assert audited(made, command, tmp_path) == audited(made, [sys.executable, SCRIPT], tmp_path)


def test_the_wheel_has_every_package(wheel: Path) -> None:
    """pyproject.toml lists the packages by hand; a new folder has to be added there."""
    folders = {".".join(path.parent.relative_to(ROOT).parts)
               for name in ("oracle", "generator") for path in (ROOT / name).rglob("__init__.py")}
    found = {".".join(path.parent.relative_to(wheel).parts) for path in wheel.rglob("__init__.py")}
    assert found == folders | {"refrain_audit"}
