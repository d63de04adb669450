"""Which places of Solidity can be changed, and into what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.solidity.compile import PROJECT
from scripts.solidity.mutants import assembly
from scripts.solidity.mutants.model import Choices, Node, Place, Site, Span, Variants, span

SWAPS: dict[str, tuple[str, ...]] = {
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("*",), "**": ("*",),
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",), "&&": ("||",), "||": ("&&",),
    "&": ("|",), "|": ("&",), "^": ("|",), "<<": (">>",), ">>": ("<<",),
    "+=": ("-=",), "-=": ("+=",), "*=": ("/=",), "/=": ("*=",), "|=": ("&=",), "&=": ("|=",),
    "^=": ("|=",), "<<=": (">>=",), ">>=": ("<<=",),
}  # fmt: skip
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
DELETED = {"ExpressionStatement", "EmitStatement", "RevertStatement"}
_MODIFIER = re.compile(r"modifier\s+\w+")
SKIPPED = {"documentation", "typeName", "overrides", "parameters", "AST"}


def sites(place: Place, node: Node) -> Iterator[Site]:
    """Every place of a syntax tree where something can be changed, outer ones first."""
    # What a constant is made of cannot depend on anything; see _constant.
    if node["nodeType"] == "VariableDeclaration" and node["constant"]:
        return
    yield from _of_node(place, node)
    if not _is_number(node):
        for child in _children(node):
            yield from sites(place.below(node), child)


def _children(node: Node) -> Iterator[Node]:
    for key, value in node.items():
        for child in value if isinstance(value, list) else [value]:
            if key not in SKIPPED and isinstance(child, dict) and "nodeType" in child:
                yield child


def _of_node(place: Place, node: Node) -> Iterator[Site]:
    kind = node["nodeType"]
    if condition := _condition(node):
        yield _decision(place, node, condition)
    if _is_number(node):
        yield from _number(place, node)
    elif kind in DELETED and not _in_for_header(place, node):
        yield _deletion(place, node)
    elif kind in {"BinaryOperation", "Assignment"}:
        yield from _operation(place, node)
    elif kind == "UnaryOperation":
        yield from _unary(place, node)
    elif kind in {"Identifier", "MemberAccess"}:
        yield from _constant(place, node)
    elif kind == "ModifierInvocation" and node["kind"] == "modifierInvocation":
        yield from _modifier(place, node)
    elif kind == "InlineAssembly":
        yield from assembly.sites(place, node)


def _chosen(choices: Choices, body: str) -> str:
    """An expression: a variant where its number is the active one."""
    options = "".join(f"block.coinbase == address({n}) ? {code} : " for n, code in choices)
    return f"({options}({body}))"


def _left_out(choices: Choices, body: str) -> str:
    """A statement that is passed over where its number is the active one."""
    return f"{{ if (block.coinbase != address({choices[0][0]})) {{ {body} }} }}"


def _raised(choices: Choices, body: str) -> str:
    """A number, in the type that the choice names, and one more where that is the active one."""
    number, cast = choices[0]
    return f"{cast}({body} + (block.coinbase == address({number}) ? 1 : 0))"


def _type(node: Node) -> str:
    return str(node.get("typeDescriptions", {}).get("typeString") or "")


def _is_number(node: Node) -> bool:
    return _type(node).startswith("int_const")


def _number(place: Place, node: Node) -> Iterator[Site]:
    above, text = place.parents[-1], place.source.of(node)
    if above.get("kind") == "typeConversion" and "int" not in _type(above):
        return
    # `1 << n` is a uint256, but one with a choice in it would be a uint8.
    cast = _type(above) if node is above.get("leftExpression") else ""
    yield place.site(span(node), [(place.mutant(node, text, f"{text} + 1"), cast)], _raised)


def _in_for_header(place: Place, node: Node) -> bool:
    above = place.parents[-1]
    return above["nodeType"] == "ForStatement" and node is not above["body"]


def _deletion(place: Place, node: Node) -> Site:
    end = place.source.text.index(b";", span(node).end) + 1
    mutant = place.mutant(node, place.source.of(node), "")
    return place.site(Span(span(node).start, end), [(mutant, "")], _left_out)


def _condition(node: Node) -> Node | None:
    if node["nodeType"] in {"IfStatement", "Conditional"}:
        return Node(node["condition"])
    required = node["nodeType"] == "FunctionCall" and node["expression"].get("name") == "require"
    return Node(node["arguments"][0]) if required else None


def _decision(place: Place, node: Node, condition: Node) -> Site:
    text = place.source.of(condition)
    after = [f"!({text})"] if node["nodeType"] == "FunctionCall" else ["true", "false"]
    return place.site(span(condition), _to(place, condition, after), _chosen)


def _to(place: Place, node: Node, after: list[str]) -> Variants:
    text = place.source.of(node)
    return [(place.mutant(node, text, code), code) for code in after]


def _operation(place: Place, node: Node) -> Iterator[Site]:
    left = place.source.of(node.get("leftExpression") or node["leftHandSide"])
    right = place.source.of(node.get("rightExpression") or node["rightHandSide"])
    sign, text = node["operator"], place.source.of(node)
    # Of a whole condition the opposite is a mutant already.
    taken = OPPOSITE.get(sign) if _condition(place.parents[-1]) == node else None
    variants = [
        (place.mutant(node, text, f"{left} {swap} {right}"), f"(({left}) {swap} ({right}))")
        for swap in SWAPS.get(sign, ())
        if swap != taken
    ]
    if variants:
        yield place.site(span(node), variants, _chosen)


def _unary(place: Place, node: Node) -> Iterator[Site]:
    operand = place.source.of(node["subExpression"])
    forms = {"!": operand, "~": operand, "++": f"({operand} += 2)", "--": f"({operand} -= 2)"}
    if after := forms.get(node["operator"]):
        yield place.site(span(node), _to(place, node, [after]), _chosen)


def _constant(place: Place, node: Node) -> Iterator[Site]:
    """A constant's value is fixed when it is compiled, so it is changed wherever it is used."""
    found = place.declared.get(node.get("referencedDeclaration") or 0)
    if found is None or not found[1].get("constant"):
        return
    (source, declared), name = found, place.source.of(node)
    after = [f"~{name}"] if re.fullmatch(r"bytes\d+", _type(declared)) else []
    if re.match("u?int", _type(declared)):
        after = [f"{name} + 1", f"{name} - 1"]
    here, own = Place(source, {}, declared["name"]), declared["name"]
    variants = [(here.mutant(declared, own, code.replace(name, own)), code) for code in after]
    if variants:
        yield place.site(span(node), variants, _chosen)


def _modifier(place: Place, node: Node) -> Iterator[Site]:
    """The function goes through a copy of its modifier that can be told to let everything pass."""
    home, declared = place.declared[node["modifierName"]["referencedDeclaration"]]
    name, variants = declared["name"], [(place.mutant(node, place.source.of(node), ""), "")]
    called = span(node["modifierName"])
    yield place.site(called, variants, lambda choices, _: f"{name}_{choices[0][0]}")
    if home.name.startswith(PROJECT):
        yield Site(home.name, span(declared), variants, _copied)
    else:
        end = span(next(n for n in place.parents if n["nodeType"] == "ContractDefinition")).end - 1
        text = home.of(declared)
        yield place.site(Span(end, end), variants, lambda choices, _: _copies(choices, text))


def _copied(choices: Choices, body: str) -> str:
    return body + _copies(choices, body)


def _copies(choices: Choices, definition: str) -> str:
    """Copies of a modifier, each under the number of the function that goes through it."""
    head, _, block = definition.partition("{")
    return "".join(
        " " + _MODIFIER.sub(rf"\g<0>_{n}", head, count=1)
        + f"{{ if (block.coinbase == address({n})) {{ _; }} else {{{block} }}"
        for n, _ in choices
    )  # fmt: skip
