"""Figures of a benchmark: ours beside a goal and a peer, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measurement.

    Args:
        name: what was measured, with its unit.
        ours: what was found.
        goal: the bound; `most` says whether it is an upper (True) or a lower one.
        peer: the same of somebody else's code, None where there is none.
    """

    name: str
    ours: float
    goal: float
    most: bool
    peer: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.ours <= self.goal if self.most else self.ours >= self.goal

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's."""
        return self.ours / self.peer if self.peer else None

    def to_dict(self) -> dict[str, object]:
        """For JSON: `most` says whether `goal` is an upper bound."""
        found = {"ours": self.ours, "peer": self.peer, "ratio": self.ratio, "goal": self.goal}
        return {**found, "most": self.most, "holds": self.holds}


def show(figures: Sequence[Figure]) -> None:
    """Print a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "ours", "peer", "ratio", "goal", "holds")
    for figure in figures:
        bound = f"{'<=' if figure.most else '>='} {figure.goal:g}"
        peer = "" if figure.peer is None else f"{figure.peer:.4g}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
        verdict = "yes" if figure.holds else "NO"
        table.add_row(figure.name, f"{figure.ours:.4g}", peer, ratio, bound, verdict)
    Console(width=120).print(table)


def write(figures: Sequence[Figure], path: Path | None) -> None:
    """Write the figures as a JSON object from name to figure, if a path is given."""
    if path is not None:
        found = {figure.name: figure.to_dict() for figure in figures}
        path.write_text(json.dumps(found, indent=2) + "\n")
