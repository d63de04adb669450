"""Runs commands of `refrain` in this process, as a role of a test chain."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from oracle.cli.main import main
from tests.support.chain_world import ChainWorld
from tests.support.samples import SALT


class Terminal(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        return True


class Shell:
    """Runs commands with a role's key; `code`, `out` and `err` are of the last one."""

    def __init__(
        self, world: ChainWorld, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        self.world, self.folder = world, folder
        self._patch, self._capsys = monkeypatch, capsys
        monkeypatch.setenv("REFRAIN_CONFIG", str(folder / "config.toml"))
        monkeypatch.setenv("REFRAIN_RPC", world.chain.url)
        # A known salt, so that a scripted oracle can answer with the order of a known request.
        monkeypatch.setattr("oracle.client.kept_orders.new_salt", lambda: SALT)
        monkeypatch.setenv("REFRAIN_DEPLOYMENT", str(folder / "deployment.json"))
        world.deployment.write(folder / "deployment.json")

    def __call__(self, role: str, *words: object, typed: str | None = None) -> int:
        self._patch.setenv("REFRAIN_KEY", str(self.key(role)))
        self._patch.setattr(sys, "stdin", io.StringIO("") if typed is None else Terminal(typed))
        self.code = main([str(word) for word in words])
        self.out, self.err = self._capsys.readouterr()
        return self.code

    def json(self, role: str, *words: object) -> Any:
        """The document that a command prints."""
        assert self(role, *words, "--json") == 0, self.err
        return json.loads(self.out)

    def key(self, role: str) -> Path:
        path = self.folder / f"{role}.key"
        if not path.exists():
            path.touch(0o600)
            path.write_text(self.world.chain.keys[list(self.world.keys).index(role)])
        return path
