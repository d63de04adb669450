"""How the demo speaks: a line a step, a bar for what takes long, a table for what was found."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

UNITS = 1_000_000  # the test stablecoin has 6 decimals


class DemoFailed(RuntimeError):
    """A step did not do what it should; the message says which and why."""


def money(units: int) -> str:
    """An amount for people, exact to the last unit."""
    sign = "-" if units < 0 else ""
    return f"{sign}${abs(units) // UNITS}.{abs(units) % UNITS:06d}"


def share(weight: int) -> str:
    """A weight out of 1,000,000 in per cent, exact."""
    return f"{weight // 10_000}.{weight % 10_000:04d} %"


class Show:
    """Prints with the seconds since it began, so that a reader sees where the time goes."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._start = time.monotonic()

    def chapter(self, number: int, title: str) -> None:
        self.console.print(f"\n[bold]{number}. {title}[/bold]")

    def line(self, text: str) -> None:
        elapsed = time.monotonic() - self._start
        self.console.print(f"[dim]{elapsed:6.1f} s[/dim]  {text}", soft_wrap=True)

    def refused(self, text: str) -> None:
        self.line(f"[yellow]refused[/yellow]  {text}")

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Bar]:
        columns = (TextColumn("          {task.description}"), BarColumn(),
                   TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            yield Bar(progress, progress.add_task(title, total=total))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(title=title, title_justify="left", title_style="bold")
        for index, name in enumerate(columns):
            table.add_column(name, justify="left" if index == 0 else "right", overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)


class Bar:
    """A progress bar; `at` takes what is done so far."""

    def __init__(self, progress: Progress, task: object) -> None:
        self._progress = progress
        self._task = task

    def at(self, done: float) -> None:
        self._progress.update(self._task, completed=done)  # type: ignore[arg-type]

    def step(self) -> None:
        self._progress.advance(self._task)  # type: ignore[arg-type]
