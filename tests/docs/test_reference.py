"""The reference pages are what the code says: events, HTTP API, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.node.routes import create_app as node_app
from oracle.api.gateway import gateway
from scripts.reference import marks
from scripts.reference.__main__ import FOLDER, main, pages
from scripts.reference.events import CONTRACTS, EXAMPLES, events_of
from scripts.reference.settings import MEANINGS, NEEDED, _deployment, readers
from tests.docs.event_examples import examples

NEVER = {"EIP712DomainChanged"}
"""Declared by OpenZeppelin for contracts that change their domain, which ours never do."""

HASH = re.compile("0x[0-9a-f]{64}")


@pytest.mark.parametrize("name", ["cli.md", "events.md", "http-api.md", "settings.md"])
def test_a_page_is_what_the_code_makes(name: str) -> None:
    path = FOLDER / name
    assert path.read_text() == pages()[path], "run python -m scripts.reference"


def test_check_fails_on_a_page_that_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = FOLDER / "events.md"
    monkeypatch.setattr("scripts.reference.__main__.pages", lambda: {stale: "another text"})
    monkeypatch.setattr("sys.argv", ["reference", "--check"])
    assert main() == 1
    assert capsys.readouterr().out == "docs/reference/events.md: differs\n"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_event_of_the_abi_is_on_the_page_with_an_example(contract: str) -> None:
    names = [event["name"] for event in events_of(contract)]
    assert names == list(CONTRACTS[contract])
    page = (FOLDER / "events.md").read_text()
    section = page.split(f"\n## {contract}\n", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == names
    shown = json.loads(EXAMPLES.read_text())[contract]
    assert set(names) - set(shown) == NEVER & set(names)


def test_the_lens_has_no_events() -> None:
    from scripts.solidity.compile import compile_contracts

    abi = json.loads((compile_contracts() / "RoyaltyLens.json").read_text())["abi"]
    assert [item for item in abi if item["type"] == "event"] == []


def without_hashes(value: Any) -> Any:
    """Hashes depend on the hash of a block, and that on the contracts' code."""
    return json.loads(HASH.sub("hash", json.dumps(value)))


def test_the_examples_are_the_logs_of_a_run(tmp_path: Path) -> None:
    committed = json.loads(EXAMPLES.read_text())
    fresh = examples(tmp_path)
    for contract, found in fresh.items():
        assert set(found) == set(committed[contract]), contract
        for name, log in found.items():
            assert log["topics"][0] == committed[contract][name]["topics"][0], name
            shown = committed[contract][name]["arguments"]
            assert without_hashes(log["arguments"]) == without_hashes(shown), name


def settings_of(read: Any, environment: Mapping[str, str]) -> str:
    return repr(read(environment))


@pytest.mark.parametrize("name", [name for name, text in MEANINGS.items() if "default " in text])
def test_a_default_in_the_table_is_the_readers(name: str, tmp_path: Path) -> None:
    said = MEANINGS[name].replace("`", "")
    needed = NEEDED | {"REFRAIN_DEPLOYMENT": _deployment(tmp_path)}
    pairs = re.findall(r"(\d+) \((\w+)\)", said.split("default ", 1)[1])
    if not pairs:
        [value] = re.findall(r"default ([\w.]*\w)|(\w+) \(default\)", said)
        pairs = [("".join(value), who) for who in readers()]
    for value, who in pairs:
        read = readers()[who]
        assert settings_of(read, needed) == settings_of(read, needed | {name: value}), who


def routes_of(part: str) -> set[str]:
    page = (FOLDER / "http-api.md").read_text()
    section = page.split(f"\n## {part}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `((?:GET|PUT|POST) [^`]+)`", section, re.MULTILINE))


def test_the_routes_of_the_node_are_on_the_page() -> None:
    nothing: Any = None
    paths = node_app(nothing).openapi()["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert routes_of("Generation node") == served


def test_the_routes_of_the_gateway_are_on_the_page() -> None:
    nothing: Any = None
    routes: Any = gateway(nothing).routes
    assert routes_of("Gateway") == {f"GET {route.path.replace(':path', '')}" for route in routes}


def test_a_page_without_marks_is_named() -> None:
    with pytest.raises(marks.NoMarks, match=re.escape(marks.begin("events"))):
        marks.replaced("# A page", "events", "text")


def test_only_the_part_between_the_marks_is_replaced() -> None:
    page = f"before\n{marks.begin('a')}\nold\n{marks.end('a')}\nafter\n"
    found = marks.replaced(page, "a", "new")
    assert found == f"before\n{marks.begin('a')}\n\nnew\n\n{marks.end('a')}\nafter\n"
    assert marks.replaced(found, "a", "new") == found
