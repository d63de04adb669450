"""The pages of the documentation as the tests read them: blocks, commands, links, routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md",
         ROOT / "contracts" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]  # fmt: skip

_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_ROUTE = re.compile(r"^(GET|POST|PUT) (/\S+)$")
_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the paragraph after it."""

    language: str
    text: str
    after: str


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    return [Block(found[1], found[2], text[found.end() :].lstrip("\n").split("\n\n", 1)[0])
            for found in _FENCE.finditer(text)]  # fmt: skip


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def inline(page: Path) -> list[str]:
    """Every `code` in the prose."""
    return _INLINE.findall(prose(page))


def script(page: Path) -> str:
    """All commands that the page shows as runnable, in order."""
    return "\n".join(block.text for block in blocks(page) if block.language == "sh")


def routes(page: Path) -> Iterator[tuple[str, str, str]]:
    """(section, method, path) of every route in the prose."""
    section = ""
    for line in prose(page).splitlines():
        if line.startswith("## "):
            section = line[3:]
        for code in _INLINE.findall(line):
            if found := _ROUTE.match(code):
                yield section, found[1], found[2]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {_ANCHOR.sub("", head.lower()).strip().replace(" ", "-") for head in heads}


def links(page: Path) -> list[str]:
    """Every target of a link or a picture."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))
