"""contracts/README.md names every source, and its call graph is that of the sources."""

import re

import pytest

from scripts.solidity.toolchain import ROOT

CONTRACTS = ROOT / "contracts"
README = (CONTRACTS / "README.md").read_text()
SOURCES = {path.stem: path.read_text() for path in sorted(CONTRACTS.rglob("*.sol"))}
GRAPH = README.split("```text\n")[1].split("```")[0]


def calls(graph):
    """The edges of an indented graph: who calls whom."""
    above, edges = [], []
    for line in graph.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        above[depth:] = [name]
        edges += [(above[depth - 1], name)] if depth else []
    return edges


def bodies(name):
    """The bodies of a function, by all its overloads."""
    contract, function = name.split(".")
    starts = [m.end() for m in re.finditer(rf"\bfunction {function}\(", SOURCES[contract])]
    assert starts, f"{name} does not exist"
    return [SOURCES[contract][start:].split("\n    }\n")[0] for start in starts]


def calls_it(caller, called):
    return any(re.search(rf"\b{called.split('.')[1]}\(", body) for body in bodies(caller))


def test_every_source_is_named_once_and_exists():
    named = re.findall(r"`([\w/]+\.sol)`", README)
    there = {path.relative_to(CONTRACTS).as_posix() for path in CONTRACTS.rglob("*.sol")}
    assert len(named) == len(set(named))
    assert set(named) == there


@pytest.mark.parametrize(("caller", "called"), calls(GRAPH))
def test_a_line_of_the_graph_is_called_by_the_line_above_it(caller, called):
    assert bodies(called)
    assert calls_it(caller, called), f"{caller} does not call {called}"


def test_everything_that_settle_calls_is_shown():
    """All but `require`, errors, a field of a word, and the domain that OpenZeppelin keeps."""
    [body] = bodies("Settlement._settle")
    called = set(re.findall(r"\b([a-z_]\w+)\(", body.split("{", 1)[1]))
    shown = {name.split(".")[1] for caller, name in calls(GRAPH) if caller == "Settlement._settle"}
    assert called - {"require", "cap", "_domainSeparatorV4"} == shown


def test_a_wrong_line_is_found():
    assert not calls_it("Settlement._settle", "SettlementErrors.explain")
    with pytest.raises(AssertionError, match="does not exist"):
        bodies("Settlement._nothing")
