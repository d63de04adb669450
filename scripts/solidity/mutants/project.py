"""A copy of contracts and tests with the mutants woven in, compiled once and tested many times."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scripts.solidity.compile import PROJECT, gather, standard_input
from scripts.solidity.forge import environment
from scripts.solidity.mutants.model import Mutant, Site, Source
from scripts.solidity.mutants.weave import find, unpure, woven
from scripts.solidity.toolchain import HARDHAT, ROOT, STATE, forge, solc

TIMEOUT = 300.0
# Most mutants fall to a few runs of the fuzz tests; only what survives those is worth them all.
FUZZ_RUNS = (8, 64)
SPARED = {"interfaces", "testing"}

_FAILED = re.compile(r"failing tests? in \S+:(\w+)\n\[FAIL.*?\] (\w+)\(", re.DOTALL)
# What weaving writes before a mutant's number.
_MARK = re.compile(rb"(?:address\(|coinbase\(\), |mutant|case |modifier \w+_)(\d+)")


class ProjectError(RuntimeError):
    """The copy does not compile, or its tests fail without any mutant."""


@dataclass(frozen=True)
class Project:
    """Contracts and tests under `root`, without the tests that are skipped; the invariants are."""

    root: Path
    skipped: Sequence[str]

    @property
    def folder(self) -> Path:
        """Where the copy is. One run at a time for each root."""
        return STATE / "mutants" / self.root.name

    @cached_property
    def texts(self) -> dict[str, str]:
        return gather(self.root / "contracts")

    @cached_property
    def sites(self) -> list[Site]:
        """Every place that can be changed; none in interfaces and in what only tests deploy."""
        trees = _solc(self.texts, ["ast"])["sources"]
        sources = [Source(n, text.encode(), trees[n]["ast"]) for n, text in self.texts.items()]
        ours = sorted((self.root / "contracts").rglob("*.sol"))
        files = [PROJECT + str(p.relative_to(ROOT)) for p in ours if not SPARED & set(p.parts)]
        return find(sources, files)

    def tests(self) -> list[Path]:
        """The sources of the tests that are run on mutants."""
        every = sorted((self.root / "tests" / "contracts").rglob("*.sol"))
        return [path for path in every if "symbolic" not in path.parts]

    def prepare(self, numbers: Mapping[Mutant, int]) -> set[Mutant]:
        """Make the copy and compile it; the mutants that solc refuses are given back."""
        texts, refused = self._weave(numbers)
        self._write(texts)
        status, said = self._forge("build", "--quiet")
        if status:
            raise ProjectError(said)
        if caught := self.test(0):
            raise ProjectError(f"{caught} fails without any mutant")
        return refused

    def test(self, number: int, likely: Sequence[str] = ()) -> str:
        """The test that fails when the mutant of that number is active; empty when none does.

        Tests that are likely to fail are tried alone first, which saves most of the time.
        """
        most = ["--no-match-test", "|".join(["^invariant", *self.skipped])]
        few = ["--match-test", rf"^({'|'.join(likely)})\b"]
        tries = [(few, FUZZ_RUNS[0])] if likely else []
        for which, runs in [*tries, *((most, runs) for runs in FUZZ_RUNS)]:
            if killer := self._try(number, which, runs):
                return killer
        return ""

    def _try(self, number: int, which: Sequence[str], runs: int) -> str:
        arguments = [
            "--match-path", "tests/contracts/**", *which, "--fail-fast", "--threads", "1",
            "--fuzz-runs", str(runs), "--block-coinbase", f"0x{number:040x}",
        ]  # fmt: skip
        try:
            status, said = self._forge("test", *arguments, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return "timeout"
        failed = _FAILED.search(said)
        if status and failed is None:
            raise ProjectError(said)
        return ".".join(failed.groups()) if status and failed else ""

    def _weave(self, numbers: Mapping[Mutant, int]) -> tuple[dict[str, str], set[Mutant]]:
        refused: set[Mutant] = set()
        while True:
            kept = {mutant: n for mutant, n in numbers.items() if mutant not in refused}
            texts = {
                name: woven(text, [s for s in self.sites if s.file == name], kept)
                if name.startswith(PROJECT) else text
                for name, text in self.texts.items()
            }  # fmt: skip
            answer = _solc(texts, ["abi"])
            errors = [e for e in answer.get("errors", []) if e["severity"] == "error"]
            if not errors:
                return {n: t for n, t in texts.items() if n.startswith(PROJECT)}, refused
            guilty = {_guilty(error, texts) for error in errors}
            refused |= {mutant for mutant, n in kept.items() if n in guilty}

    def _write(self, texts: Mapping[str, str]) -> None:
        for folder in ("contracts", "tests"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        copied = {path: unpure(path.read_text()) for path in self.tests()}
        ours = {ROOT / name.removeprefix(PROJECT): text for name, text in texts.items()}
        for path, text in {**copied, **ours}.items():
            target = self.folder / path.relative_to(self.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        link = self.folder / HARDHAT.name
        link.unlink(missing_ok=True)
        link.symlink_to(HARDHAT)

    def _forge(self, *arguments: str, timeout: float | None = None) -> tuple[int, str]:
        with TemporaryDirectory() as scratch:
            # Else what failed on one mutant would be tried again on the next.
            apart = {
                "FOUNDRY_FUZZ_FAILURE_PERSIST_DIR": scratch,
                "FOUNDRY_TEST_FAILURES_FILE": f"{scratch}/failures",
            }
            run = subprocess.run(
                [str(forge()), arguments[0], "--root", str(self.folder), *arguments[1:]],
                env={**environment("mutants"), **apart}, cwd=self.folder, timeout=timeout,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        return run.returncode, run.stdout


def _solc(texts: Mapping[str, str], kinds: list[str]) -> dict[str, Any]:
    request = standard_input(dict(texts))
    request["settings"]["outputSelection"] = {"*": {"": kinds, "*": kinds}}
    command, given = [str(solc()), "--standard-json"], json.dumps(request)
    answer = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return dict(json.loads(answer.stdout))


def _guilty(error: dict[str, Any], texts: Mapping[str, str]) -> int:
    """The number of the mutant that an error is about: the mark in it, else the last before it."""
    where = error.get("sourceLocation") or {"file": "", "start": 0, "end": 0}
    text = texts.get(where["file"], "").encode()
    inside = _MARK.search(text, where["start"], where["end"])
    before = list(_MARK.finditer(text, 0, where["start"]))
    if inside is None and not before:
        raise ProjectError(error["formattedMessage"])
    return int((inside or before[-1])[1])
