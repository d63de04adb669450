"""Cost of the oracle's API: `python -m scripts.bench.api [--json FILE] [--only PART]`.

It prints a table; FILE gets, for each figure, `{"ours", "peer", "ratio", "goal", "most", "holds"}`.
The parts: `routes` (an accepted order, a quote and a read of a generation, each beside a route that
does nothing on the same server), `catalogue` (reads with 100 to 100,000 recordings) and `rows`
(reads with 1,000 and 500,000 orders in the database). It returns 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.bench.api import catalogue, routes, rows
from scripts.bench.figures import Figure, show, write

PARTS: dict[str, Callable[[], list[Figure]]] = {
    "routes": routes.figures, "catalogue": catalogue.figures, "rows": rows.figures,
}  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and write the figures where asked; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--only", choices=PARTS, help="measure this part only")
    given = parser.parse_args(words)
    chosen = [given.only] if given.only else list(PARTS)
    found = [figure for name in chosen for figure in PARTS[name]()]
    show(found)
    write(found, given.json)
    return 0 if all(figure.holds is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
