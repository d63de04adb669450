"""A mutant, the places where it is woven into a source, and how it is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scripts.solidity.compile import PROJECT

Node = dict[str, Any]

Choices = Sequence[tuple[int, str]]
"""The numbers of a place's mutants, each with the text that it puts there."""

Variants = Sequence[tuple["Mutant", str]]

Weave = Callable[[Choices, str], str]
"""Writes the choice; its second argument is the text as it is, with what is woven inside."""


@dataclass(frozen=True)
class Span:
    """Bytes `start` to `end` of a source, as solc counts them."""

    start: int
    end: int


def span(node: Node) -> Span:
    start, length, _ = map(int, node["src"].split(":"))
    return Span(start, start + length)


@dataclass(frozen=True)
class Source:
    """One file of the contracts with its syntax tree."""

    name: str
    text: bytes
    tree: Node = field(repr=False)

    def of(self, node: Node) -> str:
        where = span(node)
        return self.text[where.start : where.end].decode()

    def line(self, offset: int) -> int:
        return self.text.count(b"\n", 0, offset) + 1


@dataclass(frozen=True, order=True)
class Mutant:
    """One fault: in `file`, at byte `at`, `before` becomes `after`, or nothing."""

    file: str
    at: int
    line: int
    scope: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path} {self.scope}: {self.change}"

    @property
    def path(self) -> str:
        return self.file.removeprefix(PROJECT)

    @property
    def change(self) -> str:
        return f"{self.before} -> {self.after}" if self.after else f"delete {self.before}"


@dataclass(frozen=True)
class Site:
    """A place in a file, the mutants that change it, and how the choice among them is written."""

    file: str
    span: Span
    variants: Variants
    weave: Weave


@dataclass(frozen=True)
class Place:
    """Where a walk is: its source, the name around it, the nodes above; all that is declared."""

    source: Source
    declared: Mapping[int, tuple[Source, Node]]
    scope: str = ""
    parents: tuple[Node, ...] = ()

    def below(self, node: Node) -> Place:
        scoped = node["nodeType"] in {"FunctionDefinition", "ModifierDefinition"}
        scope = (node["name"] or node["kind"]) if scoped else self.scope
        return replace(self, scope=scope, parents=(*self.parents, node))

    def mutant(self, node: Node, before: str, after: str) -> Mutant:
        at, (was, becomes) = span(node).start, (" ".join(t.split()) for t in (before, after))
        return Mutant(self.source.name, at, self.source.line(at), self.scope, was, becomes)

    def site(self, where: Span, variants: Variants, weave: Weave) -> Site:
        return Site(self.source.name, where, variants, weave)


def named(mutants: Iterable[Mutant]) -> dict[str, Mutant]:
    """Mutants by a name that outlives edits elsewhere: no line, but a count of likes."""
    likes: Counter[str] = Counter()
    names = {}
    for mutant in sorted(mutants):
        likes[str(mutant)] += 1
        count = likes[str(mutant)]
        names[f"{mutant} #{count}" if count > 1 else str(mutant)] = mutant
    return names
