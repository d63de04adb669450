"""The part of a page that is made from the code stands between two marks, with a name."""

from __future__ import annotations


class NoMarks(ValueError):
    """A page lacks the marks of a part; both are named."""


def begin(name: str) -> str:
    return f"<!-- {name}: made by python -m scripts.reference -->"


def end(name: str) -> str:
    return f"<!-- end of {name} -->"


def replaced(page: str, name: str, part: str) -> str:
    """The page with the named part replaced."""
    before, first, rest = page.partition(begin(name))
    _, last, after = rest.partition(end(name))
    if not first or not last:
        raise NoMarks(f"the page needs the marks {begin(name)} and {end(name)}")
    return f"{before}{first}\n\n{part.strip()}\n\n{last}{after}"
