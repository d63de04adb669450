"""`make demo`: the main job, end to end, on the demo's songs or a person's own."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from oracle.domain.errors import RefrainError
from scripts.demo.outcome import ROOT, fresh_folder
from scripts.demo.show import DemoFailed, Show
from scripts.demo.story import play, start
from scripts.offers import OfferError
from scripts.processes import ProcessFailed
from scripts.registration import offers_of
from scripts.stack import Stack, StackRunning, fresh_state

STATE = ROOT / ".refrain"
FAULTS = (DemoFailed, OfferError, ProcessFailed, RefrainError, StackRunning, ValueError)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--catalogue", type=Path, help="a folder of your own audio")
    parser.add_argument("--out", type=Path, default=ROOT / "demo-out", help="what is left behind")
    parser.add_argument("--state", type=Path, default=STATE / "demo", help="state of the stack")
    return parser.parse_args()


def main() -> int:
    given, show = arguments(), Show()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(given, show)
    except FAULTS as fault:
        show.console.print(f"\ndemo failed: {fault}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        show.line("stopped")
        return 130


def run(given: argparse.Namespace, show: Show) -> int:
    fresh_state(given.state, show.line)
    out = fresh_folder(given.out.resolve())
    offers = offers_of(given.catalogue, show)
    stack = Stack(given.state, vaults=STATE / "vaults" / "demo")
    try:
        start(stack, show)
        show.chapter(2, "Artists register recordings and upload audio")
        code = play(stack, offers, out, show)
    finally:
        stack.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
