"""The table in docs/reference/settings.md: every REFRAIN_* variable, as the readers take it.

Names, defaults and limits come from the readers themselves: a reader gets an environment that notes
each name, and every variable is given a value that no number and no URL can have.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from oracle.adapters.chain.deployment import Deployment, Modules
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import RefrainError
from scripts.reference.marks import replaced

MEANINGS: dict[str, str] = tomllib.loads((Path(__file__).parent / "settings.toml").read_text())

NOBODY = "0x" + "00" * 19 + "01"
NEEDED = {
    "REFRAIN_RPC": "http://127.0.0.1:8545", "REFRAIN_ORACLE_KEY": "a.key",
    "REFRAIN_SENDER_KEY": "b.key", "REFRAIN_DATABASE": "oracle.sqlite",
    "REFRAIN_NODES": "http://127.0.0.1:8090",
    "REFRAIN_VAULT": "vault", "REFRAIN_NODE_PAYEE": NOBODY,
}
ODD = "?"
LIMITS = re.compile(r"must be ((?:a|an|one) [^(,]+|<[^(,]+>)")


class Noting(dict[str, str]):
    """An environment that notes which names it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)


Reader = Callable[[Mapping[str, str]], Any]


def readers() -> dict[str, Reader]:
    """Who reads settings, by the name that the table gives them."""
    from generator.node import settings as node
    from oracle import settings as oracle

    return {
        "oracle": oracle.read,
        "gateway": lambda found: (oracle.read_pinning(found), oracle.read_listening(found, 8081)),
        "node": node.read,
    }


def table() -> str:
    """The table, one row for each variable, in the order of settings.toml.

    Raises:
        KeyError: when a reader takes a variable that has no meaning there; it is named.
    """
    with tempfile.TemporaryDirectory() as folder:
        needed = NEEDED | {"REFRAIN_DEPLOYMENT": _deployment(Path(folder))}
        taken = {who: _names(read, needed) for who, read in readers().items()}
        for name in set().union(*taken.values()):
            MEANINGS[name]
        rows = [_row(name, taken, needed) for name in MEANINGS]
    head = ["| variable | read by | meaning | needed | values |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def _deployment(folder: Path) -> str:
    """A deployment file that the readers accept; only the table of settings uses it."""
    path = folder / "deployment.json"
    Deployment(
        chain_id=1, token=NOBODY, splits=NOBODY, ledger=NOBODY, block=0,
        oracle_set=OracleSet(1, (NOBODY,)), authority=NOBODY, timelock=NOBODY,
        modules=Modules(NOBODY, NOBODY, NOBODY, NOBODY), window=1, court=NOBODY, pool=NOBODY,
        lens=NOBODY,
    ).write(path)  # fmt: skip
    return str(path)


def _names(read: Reader, needed: Mapping[str, str]) -> set[str]:
    environment = Noting(needed)
    read(environment)
    return environment.names


def _row(name: str, taken: Mapping[str, set[str]], needed: Mapping[str, str]) -> str:
    who = [part for part, names in taken.items() if name in names]
    read = readers()[who[0]]
    rest = {key: value for key, value in needed.items() if key != name}
    must = "yes" if _fails(read, rest) else ""
    wrong = _fails(read, {**needed, name: ODD})
    limits = LIMITS.search(wrong) if wrong.startswith(name) else None
    values = limits[1].strip() if limits else ""
    values = f"`{values}`" if values.startswith("<") else values
    return f"| `{name}` | {', '.join(who)} | {MEANINGS[name]} | {must} | {values} |"


def _fails(read: Reader, environment: Mapping[str, str]) -> str:
    try:
        read(environment)
    except RefrainError as error:
        return str(error)
    return ""


def page(current: str) -> str:
    """The page with its table renewed between the two marks."""
    return replaced(current, "settings", table())
