"""Find all places of the sources, and write sources that hold any number of mutants at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scripts.solidity.mutants.model import Choices, Mutant, Node, Place, Site, Source, Span, Weave
from scripts.solidity.mutants.solidity import sites

_PURE = re.compile(r"\bpure\b")


def find(sources: Sequence[Source], files: Sequence[str]) -> list[Site]:
    """All places in `files`; the other sources are what these refer to."""
    declared = {
        node["id"]: (source, node)
        for source in sources
        for node in _nodes(source.tree)
        if node["nodeType"] in {"VariableDeclaration", "ModifierDefinition"}
    }
    walks = (sites(Place(s, declared), s.tree) for s in sources if s.name in files)
    found = [site for walk in walks for site in walk]
    return _merged(s for s in found if all(mutant.file in files for mutant, _ in s.variants))


def _merged(found: Iterable[Site]) -> list[Site]:
    """One site where several would write the same choice, as for the uses of a modifier."""
    sites: dict[tuple[str, Span, Weave], Site] = {}
    for site in found:
        key = (site.file, site.span, site.weave)
        before = sites[key].variants if key in sites else ()
        sites[key] = replace(site, variants=(*before, *site.variants))
    return list(sites.values())


def _nodes(tree: Any) -> Iterator[Node]:
    if isinstance(tree, dict):
        if "id" in tree and "nodeType" in tree:
            yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def unpure(text: str) -> str:
    """A function that reads the coinbase becomes a view; so does each function that calls it."""
    return _PURE.sub("view", text)


def woven(text: str, places: Sequence[Site], numbers: Mapping[Mutant, int]) -> str:
    """A source with the choice among the numbered mutants at each of its places."""
    kept = [(site, choices) for site in places if (choices := _choices(site, numbers))]
    # Outer places before inner ones; those of the same bytes stay in the order they were found.
    kept.sort(key=lambda k: (k[0].span.start, -k[0].span.end))
    raw = text.encode()
    return unpure(_write(raw, Span(0, len(raw)), kept).decode())


def _choices(site: Site, numbers: Mapping[Mutant, int]) -> Choices:
    return [(numbers[mutant], code) for mutant, code in site.variants if mutant in numbers]


def _write(text: bytes, where: Span, places: list[tuple[Site, Choices]]) -> bytes:
    out, at = [], where.start
    while places:
        (site, choices), *rest = places
        inside = [k for k in rest if k[0].span.start < site.span.end]
        places = rest[len(inside) :]
        body = _write(text, site.span, inside).decode()
        out += [text[at : site.span.start], site.weave(choices, body).encode()]
        at = site.span.end
    return b"".join([*out, text[at : where.end]])
