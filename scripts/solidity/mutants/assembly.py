"""Which places of an assembly block can be changed, and into what.

A block gets functions of its own, one for each place: `mutant17(a, b)` is `add(a, b)` or, where 17
is the active number, `sub(a, b)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from scripts.solidity.mutants.model import Choices, Node, Place, Site, Span, Weave, span

SWAPS = {
    "add": ("sub(_a, _b)",), "sub": ("add(_a, _b)",),
    "mul": ("div(_a, _b)",), "div": ("mul(_a, _b)",), "sdiv": ("mul(_a, _b)",),
    "mod": ("mul(_a, _b)",), "smod": ("mul(_a, _b)",), "exp": ("mul(_a, _b)",),
    "and": ("or(_a, _b)",), "or": ("and(_a, _b)",), "xor": ("or(_a, _b)",), "not": ("_a",),
    "shl": ("shr(_a, _b)",), "shr": ("shl(_a, _b)",), "sar": ("shl(_a, _b)",),
    "lt": ("iszero(gt(_a, _b))", "iszero(lt(_a, _b))"),
    "gt": ("iszero(lt(_a, _b))", "iszero(gt(_a, _b))"),
    "slt": ("iszero(sgt(_a, _b))", "iszero(slt(_a, _b))"),
    "sgt": ("iszero(slt(_a, _b))", "iszero(sgt(_a, _b))"),
    "eq": ("iszero(eq(_a, _b))",), "iszero": ("_a",),
}  # fmt: skip


def sites(place: Place, block: Node) -> Iterator[Site]:
    """Every place of an assembly block."""
    top = span(block["AST"]).start + 1
    used = {r["src"]: place.declared.get(r["declaration"]) for r in block["externalReferences"]}
    constants = {src for src, found in used.items() if found and found[1].get("constant")}
    for node in _walk(block["AST"]):
        kind = node["nodeType"]
        if kind == "YulExpressionStatement" or (kind == "YulAssignment" and not _points(node)):
            yield _changed(place, node, "", _left_out)
        elif kind == "YulLiteral" and node["kind"] == "number":
            yield _changed(place, node, f"{place.source.of(node)} + 1", _raised)
        elif kind == "YulIdentifier" and node["src"] in constants:
            yield _changed(place, node, f"{node['name']} + 1", _raised)
        elif kind == "YulFunctionCall" and node["functionName"]["name"] in SWAPS:
            yield from _call(place, node, top)
        elif kind == "YulIf":
            yield from _condition(place, node["condition"], top)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for key, value in node.items():
        for child in value if isinstance(value, list) else [value]:
            # A case's value has to stay a literal, and what is assigned to has to stay a name.
            fixed = key == "variableNames" or (key == "value" and node["nodeType"] == "YulCase")
            if isinstance(child, dict) and "nodeType" in child and not fixed:
                yield from _walk(child)


def _points(assignment: Node) -> bool:
    """Whether it says where something lies in calldata, without which solc refuses the whole."""
    return any("." in name["name"] for name in assignment["variableNames"])


def _changed(place: Place, node: Node, after: str, weave: Weave) -> Site:
    return place.site(span(node), [(place.mutant(node, place.source.of(node), after), "")], weave)


def _left_out(choices: Choices, body: str) -> str:
    return f"if iszero(eq(coinbase(), {choices[0][0]})) {{ {body} }}"


def _raised(choices: Choices, body: str) -> str:
    return f"add({body}, eq(coinbase(), {choices[0][0]}))"


def _function(plain: str, parameters: str, choices: Choices, _: str) -> str:
    cases = " ".join(f"case {number} {{ _r := {code} }}" for number, code in choices)
    head = f" function mutant{choices[0][0]}({parameters}) -> _r"
    return f"{head} {{ switch coinbase() {cases} default {{ _r := {plain} }} }}"


def _call(place: Place, node: Node, top: int) -> Iterator[Site]:
    """The call goes to a function of the block's own instead."""
    called = node["functionName"]
    name, text = called["name"], place.source.of(node)
    parts = dict(zip(("_a", "_b"), map(place.source.of, node["arguments"]), strict=False))
    parameters = ", ".join(parts)
    variants = [(place.mutant(node, text, _written(code, parts)), code) for code in SWAPS[name]]
    yield place.site(span(called), variants, lambda choices, _: f"mutant{choices[0][0]}")
    plain = partial(_function, f"{name}({parameters})", parameters)
    yield place.site(Span(top, top), variants, plain)


def _written(code: str, parts: dict[str, str]) -> str:
    return re.sub(r"\b_[ab]\b", lambda found: parts[found[0]], code)


def _condition(place: Place, node: Node, top: int) -> Iterator[Site]:
    text = place.source.of(node)
    variants = [(place.mutant(node, text, code), code) for code in ("0", "1")]
    yield place.site(span(node), variants, lambda choices, body: f"mutant{choices[0][0]}({body})")
    yield place.site(Span(top, top), variants, partial(_function, "_a", "_a"))
