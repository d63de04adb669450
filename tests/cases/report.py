"""The report docs/reports/cases.md: the table of all cases, made from the cases themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.cases.case import Case
from tests.cases.files import FILES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reports" / "cases.md"
NAMED = re.compile(r"\{(\w+)\}")
HEAD = """# What people really hand over

Each row is an input as somebody's spreadsheet, recorder or shell writes it, the command that gets
it, the exit status and the lines that it prints. A test runs every row and compares. The page is
made by `python -m tests.cases --write`; the inputs are in `tests/cases`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for kind, cases in FILES.items():
        parts.append(f"## {kind}\n\n{table(cases)}\n")
    return "\n".join(parts)


def table(cases: Sequence[Case]) -> str:
    """The cases of one file as a table in Markdown."""
    rows = ["| case | input | command | exit | prints |", "| --- | --- | --- | --- | --- |"]
    return "\n".join(rows + [row(case) for case in cases])


def row(case: Case) -> str:
    command = case.command.replace("{folder}/", "").replace("{folder}", case.name)
    command = NAMED.sub(lambda found: found[1].upper(), command)
    prints = "<br>".join(code(line) for line in case.says)
    cells = (case.name, escaped(case.about), code(command), str(case.status), prints)
    return f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """Text as code; a vertical bar would end the cell."""
    marks = "``" if "`" in text else "`"
    blank = " " if "`" in text else ""
    return f"{marks}{blank}{text.replace('|', chr(92) + '|')}{blank}{marks}"


def escaped(text: str) -> str:
    return text.replace("|", "\\|")
