"""Writes the pages of docs/reference/ that are made from the code, or compares them (`--check`)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.reference import cli, events, http_api, settings
from scripts.solidity.toolchain import ROOT

FOLDER = ROOT / "docs" / "reference"


PAGES = {
    "cli": cli.page, "events": events.page, "http-api": http_api.page, "settings": settings.page,
}


def pages() -> dict[Path, str]:
    """Every page with the text that it should have."""
    paths = {FOLDER / f"{name}.md": page for name, page in PAGES.items()}
    return {path: page(path.read_text()) for path, page in paths.items()}


def main() -> int:
    """0 if all pages are as they should be, or were written; 1 if `--check` finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    stale = {path: text for path, text in pages().items() if path.read_text() != text}
    for path, text in stale.items():
        print(f"{path.relative_to(ROOT)}: {'differs' if check else 'written'}")
        if not check:
            path.write_text(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
