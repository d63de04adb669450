"""The results of the demo in demo-out: the track, its proofs, the statements of the payees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from oracle.domain.proxies import proxy_of

ROOT = Path(__file__).resolve().parents[2]
FILES = {"audio": "track.wav", "trace": "trace.json", "manifest": "manifest.json"}


def fresh_folder(folder: Path) -> Path:
    """Makes the folder and removes the results of an earlier demo; other files stay."""
    for name in (*FILES.values(), "timeline.png", "audit.json", "audit.txt"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "statements", ignore_errors=True)
    (folder / "statements").mkdir(parents=True)
    return folder


def fetch_pinned(links: Mapping[str, str], out: Path) -> None:
    """Downloads the public files of a generation from the gateway."""
    for link, name in FILES.items():
        (out / name).write_bytes(_fetched(links[link]).content)


def draw_timeline(out: Path, titles: Mapping[int, str]) -> None:
    from scripts.demo.timeline import draw

    trace = json.loads((out / "trace.json").read_text())
    draw(out / "track.wav", trace, dict(titles), out / "timeline.png")


def write_statement(api: str, payee: str, out: Path) -> Path:
    """Downloads the statement of a payee from the oracle."""
    url = f"{api}/v1/payees/{payee}/statement"
    path = out / "statements" / f"{payee}.csv"
    path.write_text(_fetched(url, {"Accept": "text/csv"}).text)
    return path


def _fetched(url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    proxy = proxy_of(url, os.environ)
    answer = httpx.get(url, headers=headers, timeout=30, trust_env=False, proxy=proxy)
    return answer.raise_for_status()


def run_audit(stack: Mapping[str, Any], out: Path, references: Path) -> tuple[int, Sequence[str]]:
    """Runs the audit, a separate program; returns its exit code and its output."""
    deployment = stack["deployment"]
    statements = sorted((out / "statements").glob("*.csv"))
    command = [sys.executable, str(ROOT / "scripts" / "audit.py"), "--rpc", stack["rpc"],
               "--ledger", deployment["ledger"], "--ipfs", stack["gateway"],
               "--references", str(references), "--json", str(out / "audit.json"),
               "--text", str(out / "audit.txt")]
    for path in statements:
        command += ["--statement", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=out)
    return result.returncode, (result.stdout + result.stderr).splitlines()


def sections(lines: Sequence[str]) -> list[tuple[str, int, int]]:
    """For each section of the audit: title, number of checks that are ok, number of others."""
    found: list[tuple[str, int, int]] = []
    for line in lines:
        if line.startswith("== "):
            found.append((line[3:], 0, 0))
        elif found and line.startswith(("ok ", "MISMATCH", "UNREADABLE")):
            title, good, wrong = found.pop()
            good, wrong = (good + 1, wrong) if line.startswith("ok ") else (good, wrong + 1)
            found.append((title, good, wrong))
    return found
