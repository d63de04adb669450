"""Runs the auditor on a world, in this process, and returns what it found wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts import audit
from tests.audit_world import World

Audited = Callable[..., list[str]]


def runner(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    """A function that audits one generation, insists on failure and returns the lines not ok."""

    def run(generation: str, *more: str, rpc: str = "") -> list[str]:
        words = ["--rpc", rpc or made.url, "--ledger", made.rig.ledger.address,
                 "--ipfs", str(made.blocks.root), "--generation", generation, *more]
        assert audit.main(words) == 1
        printed = capsys.readouterr()
        lines = printed.out.splitlines()
        bad = [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]
        assert lines[-1] == f"audit: {len(bad)} mismatches" and not printed.err
        return [line.replace(f"generation {generation[:10]}.. ", "") for line in bad]

    return run


def found(lines: list[str], start: str) -> bool:
    """Whether a line goes on with `start` after its verdict."""
    return any(line.split(" ", 1)[1].startswith(start) for line in lines)
