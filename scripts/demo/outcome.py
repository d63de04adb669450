"""What the demo leaves behind in demo-out: the track, what proves it, who was paid."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
FILES = {"audio": "track.wav", "trace": "trace.json", "manifest": "manifest.json"}


def fresh_folder(folder: Path) -> Path:
    """A folder without what an earlier demo left there; anything else in it is not touched."""
    for name in (*FILES.values(), "timeline.png", "audit.json", "audit.txt"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "statements", ignore_errors=True)
    (folder / "statements").mkdir(parents=True)
    return folder


def fetch_pinned(links: Mapping[str, str], out: Path) -> None:
    """The public files of a generation, as the gateway serves them."""
    for link, name in FILES.items():
        answer = httpx.get(links[link], timeout=30)
        answer.raise_for_status()
        (out / name).write_bytes(answer.content)


def draw_timeline(out: Path, titles: Mapping[int, str]) -> None:
    from scripts.timeline import draw

    trace = json.loads((out / "trace.json").read_text())
    draw(out / "track.wav", trace, dict(titles), out / "timeline.png")


def write_statement(api: str, payee: str, out: Path) -> Path:
    """A payee's statement as the oracle gives it."""
    url = f"{api}/v1/payees/{payee}/statement"
    answer = httpx.get(url, headers={"Accept": "text/csv"}, timeout=30)
    answer.raise_for_status()
    path = out / "statements" / f"{payee}.csv"
    path.write_text(answer.text)
    return path


def run_audit(stack: Mapping[str, Any], out: Path, references: Path) -> tuple[int, Sequence[str]]:
    """The auditor's own program on chain and IPFS; its exit code and what it printed."""
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
    """Per section of the audit its title, and how many verdicts in it are ok and how many not."""
    found: list[tuple[str, int, int]] = []
    for line in lines:
        if line.startswith("== "):
            found.append((line[3:], 0, 0))
        elif found and line.startswith(("ok ", "MISMATCH", "UNREADABLE")):
            title, good, wrong = found.pop()
            good, wrong = (good + 1, wrong) if line.startswith("ok ") else (good, wrong + 1)
            found.append((title, good, wrong))
    return found
