"""Writes the audit as one file: `make audit-zipapp` makes dist/refrain-audit.pyz.

The file runs on any Python 3.11 or newer that has the audit's few packages. The same sources give
the same bytes: sorted names, a fixed date, no compression (compressed bytes depend on the zlib).
"""

from __future__ import annotations

import argparse
import io
import zipapp
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scripts" / "auditor"
TARGET = ROOT / "dist" / "refrain-audit.pyz"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip file can hold."""
MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("refrain-audit needs Python 3.11 or newer, this is " + sys.version.split()[0])

from refrain_audit.cli import main

sys.exit(main())
"""


def contents() -> dict[str, bytes]:
    """Every file of the archive by its name."""
    modules = {
        f"refrain_audit/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes()
        for path in PACKAGE.rglob("*.py")
    }
    return {
        "__main__.py": MAIN.encode(),
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        **modules,
    }


def write(target: Path) -> None:
    """Writes the archive with its first line, so that it can be run as a program."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for name, data in sorted(contents().items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            out.writestr(entry, data)
    archive.seek(0)
    target.parent.mkdir(parents=True, exist_ok=True)
    zipapp.create_archive(archive, str(target), interpreter="/usr/bin/env python3")
    target.chmod(0o755)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the audit as one file.")
    parser.add_argument("--out", type=Path, default=TARGET, help="default: dist/refrain-audit.pyz")
    target = parser.parse_args(words).out
    write(target)
    print(f"{target}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
