"""Gas of settling and paying out, from receipts on Anvil, beside goals and peers.

`python -m scripts.bench.gas [--json FILE] [--check | --update]` prints a table; FILE gets, for each
figure, `{"ours", "peer", "ratio", "goal", "most", "holds"}`: gas of ours, of the peer (null where
there is none), ours / peer, the goal (null where there is none), and whether ours is at most the
goal, or at most the peer where there is no goal. A figure beside a peer is named after both.

`--check` fails when a figure of ours is more than 1 % above the committed one in
`docs/reports/gas.json`; `--update` writes that file, and `docs/reports/gas.md` from it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.bench.figures import show, write
from scripts.bench.gas import ours, snapshot
from scripts.bench.gas.chain_bench import Gas, fresh_bench
from scripts.bench.gas.goals import figures
from scripts.bench.gas.peers import PEERS


def measure() -> tuple[Gas, dict[str, Gas]]:
    """Gas of ours by name, and of each peer, on one chain."""
    with fresh_bench() as bench:
        return ours.measure(bench), {peer.name: peer.measure(bench) for peer in PEERS}


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Gas of settling and paying out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_true", help="fail if worse than reports/gas.json")
    either.add_argument("--update", action="store_true", help="write reports/gas.json and gas.md")
    return parser.parse_args()


def main() -> None:
    """Measure, print, write the figures where asked, and compare with the committed ones."""
    options = arguments()
    own, theirs = measure()
    found = figures(own, theirs)
    show(found)
    for peer in PEERS:
        print(f"{peer.name}: {peer.does}")
    write(found, options.json)
    if options.update:
        snapshot.update(found)
    if options.check and (worse := snapshot.worse(own, snapshot.read())):
        sys.exit("\n".join(["worse than docs/reports/gas.json:", *worse]))


if __name__ == "__main__":
    main()
