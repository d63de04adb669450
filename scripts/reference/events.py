"""docs/reference/events.md: every event, from the ABIs, with the decoded logs of events.json."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from scripts.reference.marks import replaced
from scripts.solidity.compile import compile_contracts
from scripts.solidity.toolchain import ROOT

EXAMPLES = ROOT / "docs" / "reference" / "events.json"
CONTRACTS = tomllib.loads((Path(__file__).parent / "events.toml").read_text())
MODULES = ("CatalogueModule", "SettlementModule", "OversightModule", "PayoutModule")
LONGEST_LIST = 4



class Example(TypedDict):
    """One decoded log."""

    address: str
    topics: list[str]
    data: str
    arguments: dict[str, Any]


Examples = dict[str, dict[str, Example]]


def events_of(contract: str) -> list[dict[str, Any]]:
    """The events that a contract's logs can hold, the ledger's modules included, by name."""
    names = (contract, *MODULES) if contract == "RoyaltyLedger" else (contract,)
    folder = compile_contracts()
    abis = [json.loads((folder / f"{name}.json").read_text())["abi"] for name in names]
    found = {item["name"]: item for abi in abis for item in abi if item["type"] == "event"}
    return [found[name] for name in sorted(found, key=_place(contract))]


def _place(contract: str) -> Any:
    order = list(CONTRACTS[contract])
    return lambda name: order.index(name) if name in order else len(order)


def signature(event: dict[str, Any]) -> str:
    return f"{event['name']}({','.join(map(collapse_if_tuple, event['inputs']))})"


def page(current: str) -> str:
    """The page with overview, events and the example of a log renewed.

    Raises:
        KeyError: when an event of an ABI has no meaning in events.toml; it is named.
    """
    examples: Examples = json.loads(EXAMPLES.read_text())
    sections = [_section(contract, examples[contract]) for contract in CONTRACTS]
    log = json.dumps(examples["RoyaltyLedger"]["Funded"], indent=1)
    page = replaced(current, "movements", _overview())
    page = replaced(page, "events", "\n\n".join(sections))
    return replaced(page, "log", f"```text\n{log}\n```")


def _overview() -> str:
    rows = ["| event | contract | movement |", "| --- | --- | --- |"]
    for contract, meanings in CONTRACTS.items():
        for name, meaning in meanings.items():
            if "money" in meaning:
                rows.append(f"| [`{name}`](#{name.lower()}) | {contract} | {meaning['money']} |")
    return "\n".join(rows)


def _section(contract: str, examples: dict[str, Example]) -> str:
    found = events_of(contract)
    parts = [_event(event, contract, examples.get(event["name"])) for event in found]
    return "\n\n".join([f"## {contract}", *parts])


def _event(event: dict[str, Any], contract: str, example: Example | None) -> str:
    name = event["name"]
    meaning = CONTRACTS[contract][name]
    topic = "0x" + keccak(text=signature(event)).hex()
    lines = [f"### {name}", "", meaning["what"], "", f"- signature: `{signature(event)}`"]
    lines += [f"- topic 0: `{topic}`", f"- money: {meaning.get('money', 'none')}", ""]
    return "\n".join(lines + list(_arguments(event, example))).rstrip()


def _arguments(event: dict[str, Any], example: Example | None) -> Iterator[str]:
    if not event["inputs"]:
        return
    yield "| argument | type | example |"
    yield "| --- | --- | --- |"
    for field in event["inputs"]:
        kind = _kind(field) + (", indexed" if field["indexed"] else "")
        shown = "" if example is None else f"`{_shown(example['arguments'][field['name']])}`"
        yield f"| `{field['name']}` | {kind} | {shown} |"


def _kind(field: dict[str, Any]) -> str:
    if field["type"] != "tuple":
        return str(field["type"])
    return ", ".join(f"{part['type']} {part['name']}" for part in field["components"])


def _shown(value: Any) -> str:
    if isinstance(value, list) and len(value) > LONGEST_LIST:
        return f"{json.dumps(value[:LONGEST_LIST])[:-1]}, …]"
    return value if isinstance(value, str) and value else json.dumps(value)
