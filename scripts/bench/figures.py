"""Figures of a benchmark with their goals and peers, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measurement.

    Args:
        name: the measured quantity, with its unit.
        ours: the measured value.
        goal: the bound; None if the peer's value is the bound, or if there is no bound.
        most: True for an upper bound, False for a lower one.
        peer: the value of somebody else's code; None if there is none.
    """

    name: str
    ours: float
    goal: float | None = None
    most: bool = True
    peer: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether `ours` meets the goal, or the peer's value without a goal; None without both."""
        bound = self.peer if self.goal is None else self.goal
        if bound is None:
            return None
        return bool(self.ours <= bound if self.most else self.ours >= bound)

    @property
    def ratio(self) -> float | None:
        """`ours` divided by the peer's value."""
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
        sign = "<=" if figure.most else ">="
        goal = "" if figure.goal is None else f"{sign} {number(figure.goal)}"
        peer = "" if figure.peer is None else number(figure.peer)
        ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
        verdict = {None: "", True: "yes", False: "NO"}[figure.holds]
        table.add_row(figure.name, number(figure.ours), peer, ratio, goal, verdict)
    Console(width=120).print(table)


def number(value: float) -> str:
    """Format whole numbers in full, others with four digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def write(figures: Sequence[Figure], path: Path | None) -> None:
    """Write the figures as a JSON object from name to figure, if a path is given."""
    if path is not None:
        found = {figure.name: figure.to_dict() for figure in figures}
        path.write_text(json.dumps(found, indent=2) + "\n")
