"""An empty virtual environment, and the tracked files to install into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "scripts" / "constraints.txt"


class Environment:
    """An empty virtual environment whose programs run outside of the checkout."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.away = folder / "away"
        venv.create(folder / "venv", with_pip=True)
        self.away.mkdir()

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        command = [str(self.folder / "venv" / "bin" / program), *words]
        environment = {**kept, "HOME": str(self.away)}
        return subprocess.run(
            command, cwd=self.away, env=environment, capture_output=True, text=True, timeout=600
        )

    def pip(self, *words: str) -> subprocess.CompletedProcess[str]:
        # pip's own settings (an index, a proxy) are the machine's, so they are kept.
        command = [self.folder / "venv" / "bin" / "python", "-m", "pip", "install", "-q", *words]
        return subprocess.run(command, cwd=self.away, capture_output=True, text=True, timeout=900)


def copy_source(folder: Path) -> Path:
    """The tracked files alone, so that building leaves nothing in the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "pyproject.toml", "README.md", "LICENSE", "oracle",
         "generator", "scripts"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder
