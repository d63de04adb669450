"""`python -m tests.cases --write`: writes docs/reports/cases.md; without --write it compares."""

from __future__ import annotations

import argparse
import sys

from tests.cases.report import PAGE, page


def main() -> int:
    """0 if the page is as it should be, or was written; 1 if it differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page")
    text = page()
    if parser.parse_args().write:
        PAGE.write_text(text, encoding="utf-8")
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    print(f"docs/reports/{PAGE.name}: {'is current' if same else 'differs'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
