"""`python -m scripts.bench.copies`: the table of docs/reports/copies.md."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.bench.copies.measure import SECONDS, Result, Tally, measure
from scripts.bench.figures import Figure, show, write

FOUND, WRONG = 0.98, 0.01
"""The least share of each kind of copy, and the largest share of other songs, that are held."""


def main() -> None:
    """Measures and prints the report's tables in Markdown."""
    found = _arguments()
    result = measure(
        found.folder, found.songs, found.negatives, found.catalogue,
        lambda line: print(line, flush=True),
    )  # fmt: skip
    print("\n".join(report(result)))
    found_figures = figures(result)
    show(found_figures)
    write(found_figures, found.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.copies", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".refrain/bench-copies"))
    parser.add_argument("--songs", type=int, default=100, help="songs that are copied")
    parser.add_argument("--negatives", type=int, default=300, help="songs that are no copies")
    parser.add_argument("--catalogue", type=int, default=10_000, help="other songs in the index")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


def figures(result: Result) -> list[Figure]:
    """The shares of copies that are found, and of songs that are held and are none."""
    found = [Figure(f"{kind}, found", tally.found(), FOUND, False)
             for kind, tally in result.kinds.items()]  # fmt: skip
    for name, tally in result.others.items():
        held = (tally.wrong + len(tally.scores)) / max(1, tally.asked)
        found.append(Figure(f"{name}, held", held, WRONG, True))
    return [
        *found, Figure("longest question, CPU s", max(result.asking)),
        Figure("fingerprint of a minute, bytes", per_minute(result)),
    ]  # fmt: skip


def per_minute(result: Result) -> float:
    """Bytes of a fingerprint of a minute."""
    return statistics.mean(result.song_bytes) / SECONDS * 60


def report(result: Result) -> Iterator[str]:
    """The tables in Markdown."""
    yield from _table("kind of copy", "found", result.kinds)
    yield ""
    yield from _table("no copy", "held for its original", result.others)
    yield ""
    yield "| figure | measured |"
    yield "| --- | --- |"
    yield f"| fingerprints in the index | {result.catalogue:,} |"
    yield f"| bytes of a fingerprint a minute of music | {per_minute(result):,.0f} |"
    yield f"| bytes of the index | {result.index_bytes:,} |"
    yield f"| CPU s to make one of {SECONDS} s of music | {statistics.mean(result.making):.2f} |"
    yield f"| CPU s of a question, mean | {statistics.mean(result.asking):.2f} |"
    yield f"| CPU s of a question, longest | {max(result.asking):.2f} |"


def _table(name: str, right: str, rows: Mapping[str, Tally]) -> Iterator[str]:
    yield f"| {name} | asked | {right} | lowest score | median | matches with other songs |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for kind, tally in rows.items():
        low = min(tally.scores, default=0)
        middle = round(statistics.median(tally.scores or [0]))
        share = f"{tally.found():.3f}"
        yield f"| {kind} | {tally.asked} | {share} | {low} | {middle} | {tally.wrong} |"


if __name__ == "__main__":
    main()
