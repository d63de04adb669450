"""Places: what has to run while a case runs, such as a chain. Each is started once, when needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.cases.edge_places import busy, web


@contextmanager
def audited() -> Iterator[dict[str, Any]]:
    """A chain with two settled orders, of which Teo has a statement of two rows, and its IPFS."""
    from tests.audit.world import world

    with TemporaryDirectory() as folder, world(Path(folder)) as made:
        made.settle()
        made.settle()
        statement = made.statement(made.teo)
        yield {
            "rpc": made.url, "ledger": made.rig.ledger.address, "ipfs": str(made.blocks.root),
            "payee": made.teo, "statement": statement.read_bytes(),
            "payee_again": f"{made.teo} (1)", "payee_lower": made.teo.lower(),
        }  # fmt: skip


@contextmanager
def registry() -> Iterator[dict[str, Any]]:
    """A chain with the contracts, on which an artist has ether to register recordings."""
    from tests.support.chain_world import copied_world

    with TemporaryDirectory() as name, copied_world(Path(name)) as world:
        deployment, key = Path(name, "deployment.json"), Path(name, "mara.key")
        world.deployment.write(deployment)
        key.touch(0o600)
        key.write_text(world.chain.keys[list(world.keys).index("mara")])
        made = world.deployment
        yield {
            "rpc": world.chain.url, "deployment": str(deployment), "key": str(key),
            "token": made.token, "ledger": made.ledger,
        }  # fmt: skip


PLACES: dict[str, Callable[[], AbstractContextManager[dict[str, Any]]]] = {
    "audit": audited, "busy": busy, "registry": registry, "web": web,
}  # fmt: skip
"""Each gives its names and values for a case's command and input."""


class Places:
    """The places that run now; leaving it ends them."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._found: dict[str, dict[str, Any]] = {"": {}}

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *reason: object) -> None:
        self._stack.close()

    def __getitem__(self, name: str) -> dict[str, Any]:
        if name not in self._found:
            self._found[name] = self._stack.enter_context(PLACES[name]())
        return self._found[name]
