"""The console of demo and stack shows every name as it is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console as RichConsole

from scripts.stack.console import Console

NAME = "Song [feat. Ada] [Live] [/dim] :smile: \\"
ODD = "a\x1b[31mb\nc\u202egpj.\udce9"
SHOWN = r"a\x1b[31mb\nc\u202egpj.\udce9"


def printed(way: str, text: str) -> str:
    stream = io.StringIO()
    console = Console(RichConsole(file=stream, width=200, highlight=False))
    if way == "table":
        console.table(text, ("file",), [(text,)])
    elif way == "chapter":
        console.chapter(1, text)
    else:
        getattr(console, way)(text)
    return stream.getvalue()


@pytest.mark.parametrize(
    "way", ["line", "plain", "left_out", "note", "refused", "failed", "chapter", "table"]
)
def test_brackets_stay_and_control_characters_are_shown(way: str) -> None:
    assert NAME in printed(way, NAME)
    said = printed(way, ODD)
    assert SHOWN in said and "\x1b" not in said and "\u202e" not in said
