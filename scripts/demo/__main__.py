"""`make demo`: the main job from registration to audit, with the demo's songs or your own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import httpx

from oracle.domain import streams
from oracle.domain.errors import RefrainError
from scripts.demo.outputs import ROOT, fresh_folder
from scripts.demo.story import play, start
from scripts.solidity.anvil import ChainError
from scripts.stack.catalogue_folder import OfferError
from scripts.stack.console import Console, DemoFailed
from scripts.stack.paths import (
    Parser,
    WrongPath,
    checked_folder,
    checked_state,
    fault_at,
    path,
    vaults_of,
)
from scripts.stack.processes import ProcessFailed
from scripts.stack.registration import offers_of
from scripts.stack.signals import end_on_signals, uninterrupted
from scripts.stack.stack import Stack
from scripts.stack.state import StackRunning, fresh_state

STATE = ROOT / ".refrain"
FAULTS = (
    ChainError, DemoFailed, OfferError, ProcessFailed, RefrainError, StackRunning, ValueError,
    WrongPath, httpx.HTTPError,
)  # fmt: skip


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = Parser(prog="make demo", description=__doc__)
    parser.add_argument("--catalogue", type=path, help="a folder of your own audio")
    parser.add_argument("--out", type=path, default=ROOT / "demo-out", help="for the results")
    parser.add_argument("--state", type=path, default=STATE / "demo", help="for the stack's state")
    return parser.parse_args(words)


def main() -> int:
    streams.prepare()
    given, console = arguments(), Console()
    end_on_signals()
    try:
        return run(given, console)
    except FAULTS as fault:
        reason = str(fault)
    except OSError as fault:
        reason = fault_at(fault, given.state)
    except KeyboardInterrupt:
        console.line("stopped")
        return 130
    console.rich.print()
    console.failed(f"demo failed: {reason}")
    return 1


def run(given: argparse.Namespace, console: Console) -> int:
    state = checked_state("--state", given.state)
    out = fresh_folder(checked_folder("--out", given.out))
    catalogue = offers_of(given.catalogue, console)  # a wrong folder must not cost the state
    fresh_state(state, console.line)
    stack = Stack(state, vaults_of(state, STATE / "demo"))
    try:
        start(stack, console)
        console.chapter(2, "Artists register recordings and upload audio")
        code = play(stack, catalogue, out, console)
    finally:
        with uninterrupted():
            stack.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
