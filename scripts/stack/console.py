"""Output of demo and stack: a line for each step, a bar for long steps, a table for results."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from oracle.domain.text import plain

UNITS = 1_000_000  # the test stablecoin has 6 decimals


class DemoFailed(RuntimeError):
    """A step gave a wrong result; the message names the step and the result."""


def money(units: int) -> str:
    """An amount for people, exact to the last unit."""
    sign = "-" if units < 0 else ""
    return f"{sign}${abs(units) // UNITS}.{abs(units) % UNITS:06d}"


def share(weight: int) -> str:
    """A weight in millionths as per cent, exact."""
    return f"{weight // 10_000}.{weight % 10_000:04d} %"


class Console:
    """Prints each line with the seconds since the start, which show where the time goes.

    All text is shown as it is: brackets are no markup, and control characters are escapes. A title
    or a file name could otherwise vanish in part, or move the cursor.
    """

    def __init__(self, rich: RichConsole | None = None) -> None:
        self.rich = rich or RichConsole(highlight=False)
        self._start = time.monotonic()

    def chapter(self, number: int, title: str) -> None:
        self.rich.print(Text(f"\n{number}. {plain(title)}", style="bold"))

    def line(self, text: str) -> None:
        self._line("", text)

    def left_out(self, text: str) -> None:
        self._line("left out", text)

    def note(self, text: str) -> None:
        self._line("note", text)

    def refused(self, text: str) -> None:
        self._line("refused", text)

    def plain(self, text: str) -> None:
        """A line without seconds, marks and line breaks."""
        self.rich.print(Text(plain(text)), soft_wrap=True)

    def failed(self, text: str) -> None:
        """A line in red, without seconds: why the program ends."""
        self.rich.print(Text(plain(text), style="red"), soft_wrap=True)

    def _line(self, mark: str, text: str) -> None:
        shown = Text(f"{time.monotonic() - self._start:6.1f} s", style="dim")
        made = Text.assemble(shown, "  ", (mark, "yellow"), "  " if mark else "", plain(text))
        self.rich.print(made, soft_wrap=True)

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Bar]:
        columns = (TextColumn("          {task.description}"), BarColumn(),
                   TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
        hidden = not self.rich.is_terminal  # in a file it would leave an empty line
        with Progress(*columns, console=self.rich, transient=True, disable=hidden) as progress:
            yield Bar(progress, progress.add_task(title, total=total))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(title=Text(plain(title)), title_justify="left", title_style="bold")
        for index, name in enumerate(columns):
            table.add_column(name, justify="left" if index == 0 else "right", overflow="fold")
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        self.rich.print(table)


class Bar:
    """A progress bar; `at` takes the units done so far, `step` adds one."""

    def __init__(self, progress: Progress, task: object) -> None:
        self._progress = progress
        self._task = task

    def at(self, done: float) -> None:
        self._progress.update(self._task, completed=done)  # type: ignore[arg-type]

    def step(self) -> None:
        self._progress.advance(self._task)  # type: ignore[arg-type]
