"""Runs the audit in this process and returns its mismatches."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts.auditor.cli import main
from tests.audit.ending import totals
from tests.audit.world import World

Audited = Callable[..., list[str]]


def runner(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    """A function that audits one generation, expects mismatches and returns their lines."""

    def run(generation: str, *more: str, rpc: str = "") -> list[str]:
        words = ["--rpc", rpc or made.url, "--ledger", made.rig.ledger.address,
                 "--ipfs", str(made.blocks.root), "--generation", generation, *more]
        status = main(words)
        printed = capsys.readouterr()
        lines = printed.out.splitlines()
        bad = [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]
        wrong = sum(line.startswith("MISMATCH") for line in bad)
        assert bad and status == (1 if wrong else 3)
        assert lines[-1].startswith(totals(wrong, len(bad) - wrong)) and not printed.err
        return [line.replace(f"generation {generation[:10]}.. ", "") for line in bad]

    return run


def found(lines: list[str], start: str) -> bool:
    """Whether a line goes on with `start` after its verdict."""
    return any(line.split(" ", 1)[1].startswith(start) for line in lines)
