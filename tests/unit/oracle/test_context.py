"""A function takes the whole context only when it needs most of it."""

import ast
from pathlib import Path

import oracle
from oracle.context import Context
from oracle.pipeline.runner import STEPS

PACKAGE = Path(oracle.__file__).parent
MEMBERS = set(Context.__dataclass_fields__)
FEWEST = 4

OWING = (
    "orders/acceptance.py:_require_permitted",
    "orders/acceptance.py:_seen",
    "orders/quotes.py:_seen",
    "orders/quotes.py:asker_of",
    "pipeline/ending.py:_closed",
    "pipeline/ending.py:is_undone",
    "pipeline/ending.py:put_back",
    "pipeline/release.py:_is_early",
    "pipeline/release.py:_manifest",
    "pipeline/release.py:_pin",
    "pipeline/sweep.py:_known",
    "pipeline/sweep.py:_may_settle",
    "quorum/adoption.py:adopted",
    "quorum/asking.py:_is_open",
    "quorum/asking.py:_signer",
    "quorum/asking.py:_voter",
    "quorum/cancelling.py:_known",
    "quorum/cancelling.py:_open",
    "quorum/cancelling.py:_require_agreed",
    "quorum/cancelling.py:_require_leader",
    "quorum/cancelling.py:_require_payer",
    "quorum/leading.py:_next",
    "quorum/leading.py:_turn",
    "quorum/leading.py:others_may_settle",
    "quorum/leading.py:seat_of",
    "quorum/receipts.py:_batch",
    "quorum/reservations.py:_accepted",
    "quorum/reservations.py:_escrow",
    "quorum/reservations.py:_makeable",
    "quorum/reservations.py:_seat_of",
    "quorum/sharing.py:_takes_part",
)
"""Functions of the order flow that take the whole context and should take fewer members."""


def functions_with_context():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                named = [a.arg for a in node.args.args if a.annotation is not None
                         and ast.unparse(a.annotation) == "Context"]  # fmt: skip
                if named:
                    yield f"{path.relative_to(PACKAGE)}:{node.name}", node, named[0]


def members_used(node, name):
    """The members that a function reads, and whether it hands the context on as a whole."""
    attributes = [found for found in ast.walk(node) if isinstance(found, ast.Attribute)
                  and isinstance(found.value, ast.Name) and found.value.id == name]  # fmt: skip
    names = [found for found in ast.walk(node) if isinstance(found, ast.Name) and found.id == name]
    return {found.attr for found in attributes} & MEMBERS, len(names) > len(attributes)


def few_members_of():
    """Place of each function that takes the context and neither needs it nor hands it on."""
    steps = {step.__name__ for step in STEPS.values()}
    for place, node, name in functions_with_context():
        used, handed_on = members_used(node, name)
        protocol = len(node.body) == 1 and isinstance(node.body[0], ast.Expr)
        # The six steps share one signature, because they are the rows of one table.
        if node.name not in steps and not handed_on and not protocol and len(used) < FEWEST:
            yield place


def test_a_function_that_needs_few_members_takes_those_members():
    """`OWING` only becomes shorter."""
    assert len(list(functions_with_context())) > len(STEPS)
    assert sorted(few_members_of()) == sorted(OWING)
