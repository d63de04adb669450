"""A real stack in which oracles take over fast and nodes may settle little, and its payers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from oracle.adapters.chain import deployment
from oracle.adapters.signing.keystore import open_key
from oracle.client.app import App
from scripts.demo.selection import best_group
from scripts.stack import chain
from scripts.stack.app_account import make_app
from scripts.stack.chain import give_ether, wallet_of
from scripts.stack.console import Console
from scripts.stack.layout import ORACLES, ROOT
from scripts.stack.registration import register_offers
from scripts.stack.stack import Stack
from tests.e2e.conftest import four_offers
from tests.e2e.world import World, commercial

LEASE = "5"


class QuickStack(Stack):
    """A stack in which another oracle takes over after five seconds."""

    def start_oracle(self, name: str, extra: Mapping[str, str] = {}) -> None:
        super().start_oracle(name, {"REFRAIN_LEASE": LEASE} | dict(extra))


@contextmanager
def quick_world(folder: Path, songs: Path, cap: int | None = None) -> Iterator[World]:
    """A running stack with four songs. `cap`: what a node may settle in a window; None: much."""
    stack = QuickStack(folder, vaults=ROOT / ".refrain" / "vaults" / "tests")
    with pytest.MonkeyPatch.context() as patch:
        if cap is not None:
            plan = chain._plan
            patch.setattr(chain, "_plan", lambda layout: replace(plan(layout), cap=cap))
        stack.start()
    try:
        registered = register_offers(stack, four_offers(songs), Console())
        usable = [item for item in registered if commercial(item)]
        yield World(stack, make_app(stack), registered, best_group(usable))
    finally:
        stack.stop()


def payer_of(world: World, role: str, escrow: int) -> App:
    """An app with an account of its own and this much escrow."""
    key = open_key(str(world.stack.accounts.key_file(role)))
    give_ether(world.stack, [role])
    found = deployment.load(world.stack.deployment)
    app = App(wallet_of(world.stack, role), key, found, [world.stack.url(n) for n in ORACLES])
    app.mint(escrow)
    app.fund(escrow)
    return app
