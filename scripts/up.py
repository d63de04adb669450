"""`make up`: the whole stack with a registered catalogue, until Ctrl-C; addresses in stack.json."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from scripts.demo.show import Show
from scripts.registration import Registered, offers_of, register_offers
from scripts.stack import ROOT, Stack, StackRunning, fresh_state

STATE = ROOT / ".refrain"


def write_description(stack: Stack, registered: list[Registered], path: Path) -> None:
    described = stack.describe() | {"recordings": [item.describe() for item in registered]}
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(described, indent=1))
    draft.replace(path)


def hold(stack: Stack, show: Show) -> int:
    """Until Ctrl-C, or until a part ends by itself: then 1, and its log's end is shown."""
    while not (ended := stack.processes.ended()):
        time.sleep(0.5)
    show.line(f"[red]{ended[0]} ended by itself[/red]\n{stack.processes.log_tail(ended[0])}")
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("--state", type=Path, default=STATE / "up", help="state of the stack")
    parser.add_argument("--json", type=Path, default=STATE / "stack.json", help="addresses")
    parser.add_argument("--catalogue", type=Path, help="a folder of your own audio")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    show = Show()
    try:
        fresh_state(arguments.state, show.line)
    except StackRunning as running:
        show.line(f"[red]{running}[/red]")
        return 1
    stack = Stack(arguments.state, vaults=arguments.state.parent / "vaults" / arguments.state.name)
    return _run(stack, arguments, show)


def _run(stack: Stack, arguments: argparse.Namespace, show: Show) -> int:
    path: Path = arguments.json
    try:
        stack.start(show.line)
        registered = register_offers(stack, offers_of(arguments.catalogue, show), show)
        write_description(stack, registered, path)
        show.line(f"the stack is up: {path}; Ctrl-C stops it")
        return hold(stack, show)
    except KeyboardInterrupt:
        return 0
    finally:
        show.line("stopping")
        stack.stop()
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
