"""`make up` and `refrain up`: the whole stack with a registered catalogue, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from oracle.domain import streams
from scripts.stack.paths import Parser, path
from scripts.stack.signals import end_on_signals

STATE = Path(__file__).resolve().parents[2] / ".refrain"
ABOUT = (
    "Runs the whole stack with a registered catalogue until Ctrl-C and writes its addresses to "
    "stack.json. It takes one to three minutes to start."
)
CHECK = "with --catalogue: say what would be registered, who is paid, what is left out; no start"
KEEP = (
    "continue the last run: same ports, accounts, chain, recordings and orders; if the last run "
    "did not end in order (power cut, SIGKILL): a new chain with the same ports and accounts"
)


def parser(prog: str) -> argparse.ArgumentParser:
    made = Parser(prog=prog, description=ABOUT)
    made.add_argument("--state", type=path, default=STATE / "up", help="folder of the state")
    made.add_argument("--json", type=path, default=STATE / "stack.json", help="file of addresses")
    made.add_argument("--catalogue", type=path, help="a folder of your own audio")
    made.add_argument("--check", action="store_true", help=CHECK)
    made.add_argument("--keep", action="store_true", help=KEEP)
    return made


def main(argv: Sequence[str] | None = None, prog: str = "make up") -> int:
    """Runs the stack; 0 after Ctrl-C, SIGTERM or a closed terminal, 1 when a part fails.

    Args:
        prog: the command as the person typed it.
    """
    streams.prepare()
    arguments = parser(prog).parse_args(argv)
    end_on_signals()
    if arguments.check:
        from scripts.stack.catalogue_check import check

        return check(arguments, prog)
    print(f"{prog}: loading the programs; the stack runs in one to three minutes", flush=True)
    try:
        # Not above: the import takes seconds, and the line above comes first.
        from scripts.stack.up import run

        return run(arguments, prog)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
