"""Runs the project's programs in this process, and keeps what they print."""

from __future__ import annotations

import io
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

SECONDS = re.compile(r"^ *\d+\.\d s  ", re.MULTILINE)
SCOPE = re.compile(r"\d+ not checked of \d+ checks; scope [^;]*;")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Result:
    """The exit status and everything that was printed, standard output first."""

    status: int
    output: str

    def without(self, folder: Path, place: Mapping[str, Any]) -> Result:
        """The same without what differs from run to run: paths, seconds, values of the place.

        And without how much an audit looked at.
        """
        output = self.output.replace(f"{folder}/", "").replace(str(folder), "FOLDER")
        texts = {name: value for name, value in place.items() if isinstance(value, str)}
        for name in sorted(texts, key=lambda name: -len(texts[name])):
            output = output.replace(texts[name], name.upper())
        output = SCOPE.sub("N not checked of C checks; scope ..;", output)
        return replace(self, output=SECONDS.sub("", output))

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()


def in_process(words: Sequence[str], folder: Path) -> Result:
    """Runs ``refrain ...`` or ``refrain-audit ...`` with nothing at standard input."""
    out, err = io.StringIO(), io.StringIO()
    nothing = patch.object(sys, "stdin", io.StringIO())
    with redirect_stdout(out), redirect_stderr(err), nothing, same_signals():
        status = program(words[0])(list(words[1:]))
    return Result(status, out.getvalue() + err.getvalue())


def program(name: str) -> Callable[[list[str]], int]:
    """The `main` of a program that the package installs."""
    if name == "refrain":
        from oracle.cli.main import main as refrain

        return refrain
    from scripts.auditor.cli import main as audit

    return {"refrain-audit": audit}[name]


@contextmanager
def same_signals() -> Iterator[None]:
    """Puts the handlers of signals back that a program changes."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
