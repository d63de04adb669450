"""What a command prints: its result on stdout, everything else on stderr.

With ``--json`` the result is one JSON document. Text of files, of the chain and of services is
never read as markup, and its control characters are shown, not obeyed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from oracle.domain.text import plain

WIDE = 240
"""Columns where the output is no terminal: a table is never cut in a file or a pipe."""

class Output:
    """The two streams of a command.

    Args:
        as_json: print the document instead of the text.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    def result(self, document: dict[str, Any], *shown: RenderableType) -> None:
        """The result of the command: `document` with ``--json``, else what is shown."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, indent=2) + "\n")
            return
        for item in shown:
            self._print(self._out, item)

    def note(self, item: RenderableType) -> None:
        """A question's table, progress or a remark, on stderr."""
        self._print(self._err, item)

    @staticmethod
    def _print(console: Console, item: RenderableType) -> None:
        shown = Text(plain(item)) if isinstance(item, str) else item
        console.print(shown, soft_wrap=isinstance(item, str))


def _console(stream: TextIO) -> Console:
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    title: str = "",
    right: Sequence[str] = (),
) -> RenderableType:
    """A table of plain text; columns named in `right` are aligned to the right."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        justify: Any = "right" if column in right else "left"
        made.add_column(Text(plain(column)), justify=justify, overflow="fold")
    for row in rows:
        made.add_row(*(Text(plain(cell)) for cell in row))
    return _titled(title, made)


def facts(rows: Sequence[tuple[str, object]], title: str = "") -> RenderableType:
    """Names and values, one pair a line."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(plain(name)), Text(plain(value)))
    return _titled(title, made)


def _titled(title: str, made: Table) -> RenderableType:
    # Not the table's own title: that one is folded at the table's width.
    return Group(Text(plain(title), style="bold"), made) if title else made
