"""A chain that says one thing else: each alteration of an event is found, or is a listed trust.

Every event that the audit knows is kept back, and each of its words is altered, on a chain that
has them all. The audit runs on recorded answers, so that one alteration takes part of a second.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.auditor.events import EventType
from tests.audit.life import Life, life
from tests.audit.proxy import KINDS, Alter, in_log, without
from tests.audit.recorded import Recorded, unaltered

pytestmark = pytest.mark.long

TRUSTED = {
    ("Registered", "isrcs"), ("Registered", "licence"), ("Challenged", "grounds"),
    ("Paused", "kept back"), ("Amended", "consentUntil"),
}  # fmt: skip
"""What no contract stores: the kinds `words` and `list of events` of what is not checked.

The pause ended, and the amended consent was revoked later: neither left a trace in the state.
"""
ABSENT = {"ExitCancelled", "Skipped", "SettledInBatch"}
"""Events of which the chain has none that decides; test_audit_batch.py has them."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    with life(tmp_path_factory.mktemp("tampering")) as made:
        found = Recorded(made)
        assert found.audited(unaltered) == (1, [])
        yield found


def other(kind: str, value: Any) -> Any:
    """Another value of a Solidity type."""
    if kind.endswith("]"):
        return [other(kind[: kind.index("[")], value[0]), *value[1:]] if value else value
    if kind.startswith("("):
        return [other("uint256", value[0]), *value[1:]]
    if kind.startswith("uint"):
        return value - 1 if value else 1
    if kind == "bool":
        return not value
    if kind == "string":
        return value + "x"
    return "0x" + "12" * (len(value) // 2 - 1)


def one_word(kind: EventType, name: str) -> Alter:
    """The newest event of a kind with one argument altered."""
    types = {word: solidity for solidity, _, word in kind.arguments}

    def change(found: dict[str, Any]) -> None:
        found[name] = other(types[name], found[name])

    return in_log(kind.name, change)


def alterations() -> Iterator[tuple[str, str, Alter]]:
    for kind in KINDS.values():
        if kind.name not in ABSENT:
            yield kind.name, "kept back", without(kind.name)
            for _, _, name in kind.arguments:
                yield kind.name, name, one_word(kind, name)


CASES = list(alterations())


@pytest.mark.parametrize(("event", "what", "alter"), CASES, ids=[" ".join(c[:2]) for c in CASES])
def test_an_altered_event_is_found(recorded: Recorded, event: str, what: str, alter: Alter) -> None:
    seen = []

    def watched(method: str, params: list[Any], answer: Any) -> Any:
        told = alter(method, params, copy.deepcopy(answer))
        seen.append(told != answer)
        return told

    level, bad = recorded.audited(watched)
    assert any(seen), "the chain has no such event"
    assert bool(bad) == ((event, what) not in TRUSTED), bad
    assert level <= 1


def test_there_are_many_alterations() -> None:
    assert len(CASES) >= 150


def test_the_chain_is_one_that_lived(recorded: Recorded) -> None:
    assert isinstance(recorded.made, Life)
