"""The tree of commands of `refrain`, for tests that go through all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from hypothesis import strategies as st

from oracle.cli.main import app
from tests.support.samples import PAYER


def commands() -> dict[str, Any]:
    """Every command by its words, such as ``consent set``."""
    return dict(_below("", typer.main.get_command(app)))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    names = command.list_commands(None) if hasattr(command, "list_commands") else []
    if not names:
        yield path, command
    for name in names:
        yield from _below(f"{path} {name}".strip(), command.get_command(None, name))


def options(command: Any) -> set[str]:
    """The options of a command as they are written."""
    return {name for param in command.params for name in param.opts if name.startswith("-")}


NASTY = st.sampled_from([
    "", " ", "-1", "0", "1", "300", "1e9", "NaN", "inf", "-", "--", "=", "1=60%", "1=100%", "100%",
    "2.50", "2036-12-31", "conditioning", "keep", "9" * 80, "9" * 5_000, "\0", "a\0b", "\ud800",
    "\udcff", "１", "[bold]", "\x1b[31m", "/", ".", "/dev/null", "/nowhere/x", "x" * 5_000,
    PAYER, PAYER.lower(), PAYER + "=100%", "0x", "0x" + "ab" * 32, "http://127.0.0.1:9", "http://[",
    "folder:", "kubo:x", "file:/nowhere", "vault:5", "empty", "deployment.json", "../..",
])  # fmt: skip


VALUES = NASTY | st.text(max_size=20)


@st.composite
def arguments(draw, command: Any) -> list[str]:
    """All that a command needs and some of what it takes, with values that seldom fit."""
    words = []
    for param in command.params:
        if not (param.required or draw(st.integers(0, 3)) == 0) or param.name == "help":
            continue
        number = draw(st.integers(1, 3)) if param.nargs == -1 or param.multiple else 1
        for _ in range(number):
            if param.param_type_name == "argument":
                words.append(draw(VALUES))
            else:
                words += [param.opts[0]] if param.is_flag else [param.opts[0], draw(VALUES)]
    return words + draw(st.sampled_from([[], [], [], ["--help"], ["-1"], ["--", "-1"], ["--no"]]))
