"""Every `refrain` command that a page names exists, with the options that the page gives it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from scripts.reference.cli import anchor, commands, has_own_parser, options_of
from tests.docs.pages import PAGES, ROOT, anchors, blocks, inline, name_of

KNOWN = commands()
WORD = re.compile(r"(?:^|[\s|(`$])refrain ((?:[^|`)\\]|\\\n)+)", re.MULTILINE)
OPTION = re.compile(r"^--?[a-z]")


def mentions(page: Path) -> list[str]:
    """Every command line of `refrain` in the blocks and the prose of a page."""
    shown = [block.text for block in blocks(page) if block.language in ("sh", "console")]
    lines = [found[1].replace("\\\n", " ").split("\n")[0]
             for text in shown for found in WORD.finditer(text)]  # fmt: skip
    return lines + [code[8:] for code in inline(page) if code.startswith("refrain ")]


def command_of(words: list[str]) -> str:
    """The longest beginning of the words that is a command or a group of commands."""
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name in KNOWN or any(known.startswith(f"{name} ") for known in KNOWN):
            return name
    return ""


def words_of(line: str) -> list[str]:
    return shlex.split(line.replace("(", " ").replace("$", " "), comments=True)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_options_of_a_page_exist(page: Path) -> None:
    for line in mentions(page):
        words = words_of(line)
        if not words or words[0].startswith("-"):
            continue  # an option of `refrain` itself
        name = command_of(words)
        assert name, f"refrain {line}"
        command = KNOWN.get(name)
        if command is None:
            assert words == name.split(), f"refrain {line}"  # a group, named by itself
            continue
        if has_own_parser(command):
            continue
        options = {word.split("=")[0] for word in words if OPTION.match(word)}
        assert options <= options_of(command) | {"--help"}, f"refrain {line}"


def test_the_pages_show_every_command() -> None:
    named = {command_of(words_of(line)) for page in PAGES for line in mentions(page)}
    assert set(KNOWN) <= named


def test_every_command_has_a_section() -> None:
    found = anchors(ROOT / "docs" / "reference" / "cli.md")
    assert {anchor(name) for name in KNOWN} <= found
