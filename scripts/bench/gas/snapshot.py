"""The committed figures, `docs/reports/gas.json`, and `gas.md` beside it, made from them.

A figure of ours may grow by 1 % before the check fails; receipts differ by less from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.bench.figures import Figure, number, write
from scripts.bench.gas.goals import BESIDE, alone
from scripts.bench.gas.peers import PEERS
from scripts.solidity.toolchain import ROOT

FOLDER = ROOT / "docs" / "reports"
SLACK = 1

HEAD = """# Gas

`make bench-gas ARGS=--update` measures and writes this page. `ARGS=--check` fails if a figure of
ours is more than 1 % above the committed one. The figures come from receipts on Anvil (prague),
with contracts of solc 0.8.30 (via-IR) and a token of 6 decimals. All features are in use: two of
three signatures, an order signed by a key, fees of node and protocol, consent, permitted uses,
largest share. *First* means recordings and payees that have never received anything; *later* means
those that have. Our payout is one transaction for all recordings.

A settlement spends from an escrow. One earlier payment fills the escrow for many settlements; its
gas is the figure `fund later`. The figures of peers that run here include the payment. A quoted
figure comes from one receipt.
"""


def read(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The committed figures by name, in the form of `Figure.to_dict`."""
    found: dict[str, dict[str, Any]] = json.loads((folder / "gas.json").read_text())
    return found


def update(figures: Sequence[Figure], folder: Path = FOLDER) -> None:
    """Write both files."""
    write(figures, folder / "gas.json")
    (folder / "gas.md").write_text(page(read(folder)))


def worse(measured: Mapping[str, int], committed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Why the check fails, one line for each figure that grew, is new or is no longer measured.

    Args:
        measured: gas of ours by name.
        committed: the figures of `read`; those with a peer repeat ours and are ignored.
    """
    known = {name: committed[name]["ours"] for name in alone(committed)}
    found = [f"{name}: not in the snapshot" for name in measured if name not in known]
    found += [f"{name}: in the snapshot, not measured" for name in known if name not in measured]
    for name in known.keys() & measured.keys():
        now, before = measured[name], known[name]
        if 100 * now > (100 + SLACK) * before:
            more = 100 * (now - before) / before
            found.append(f"{name}: {now:,} gas, {more:.2f} % above the snapshot's {before:,}")
    return sorted(found)


def page(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures as Markdown: ours, ours with peers, and what the peers do."""
    own = [_row(name, figures[name]) for name in alone(figures)]
    beside = [_row(name, row) for name, row in figures.items() if BESIDE in name]
    does = [[peer.name, peer.does] for peer in PEERS]
    parts = [
        HEAD,
        _table("Ours", "figure | gas | goal, at most | holds", [_without_peer(r) for r in own]),
        _table("Beside others", "figure | gas | theirs | ratio | goal, at most | holds", beside),
        _table("What the others do", "peer | what its gas pays for", does),
        "`holds` is yes if our gas is at most the goal. A pair without a goal holds if our gas is "
        "at most the other's gas.\n",
    ]
    return "\n".join(parts)


def _row(name: str, figure: Mapping[str, Any]) -> list[str]:
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.3f}"
    holds = {None: "", True: "yes", False: "no"}[figure["holds"]]
    numbers = ["" if v is None else number(v) for v in (figure["peer"], figure["goal"])]
    return [name, number(figure["ours"]), numbers[0], ratio, numbers[1], holds]


def _without_peer(row: list[str]) -> list[str]:
    return row[:2] + row[4:]


def _table(title: str, head: str, rows: Sequence[Sequence[str]]) -> str:
    columns = [c.strip() for c in head.split("|")]
    lines = [columns, ["---"] * len(columns), *rows]
    return f"## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
