"""The committed figures: `docs/gas.json`, and `docs/gas.md` made from it for people.

A figure of ours may grow by 1 % before the check fails; receipts differ by less from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.figures import Figure, number, write
from scripts.gas.goals import BESIDE, alone
from scripts.gas.peers import PEERS
from scripts.toolchain import ROOT

FOLDER = ROOT / "docs"
SLACK = 1

HEAD = """# Gas

Made by `make bench-gas ARGS=--update`; `ARGS=--check` fails when a figure of ours has grown by
more than 1 % since. Receipts on Anvil (prague), solc 0.8.30, via-IR, a token of 6 decimals.
Everything is on: two of three signatures, an order signed by a key, fees of node and protocol,
consent, permitted uses, largest share. *First*: recordings and payees that never had anything;
*later*: ones that did. Paying out is one transaction of ours for all recordings.

A settlement spends from an escrow that was filled before, once for many (`fund later`); the
figures of peers that run here hold the payment itself. Quoted figures are receipts taken once.
"""


def read(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The committed figures by name, as `Figure.to_dict` gives them."""
    found: dict[str, dict[str, Any]] = json.loads((folder / "gas.json").read_text())
    return found


def update(figures: Sequence[Figure], folder: Path = FOLDER) -> None:
    """Writes both files anew."""
    write(figures, folder / "gas.json")
    (folder / "gas.md").write_text(page(read(folder)))


def worse(measured: Mapping[str, int], committed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Why the check fails, a line each: what has grown, what is new, what is no longer measured.

    Args:
        measured: gas of ours by name.
        committed: the figures of `read`; those beside a peer repeat ours and are not looked at.
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
    """The figures as Markdown: ours, ours beside others, and what the others do."""
    own = [_row(name, figures[name]) for name in alone(figures)]
    beside = [_row(name, row) for name, row in figures.items() if BESIDE in name]
    does = [[peer.name, peer.does] for peer in PEERS]
    parts = [
        HEAD,
        _table("Ours", "figure | gas | goal, at most | holds", [_without_peer(r) for r in own]),
        _table("Beside others", "figure | gas | theirs | ratio | goal, at most | holds", beside),
        _table("What the others do", "peer | what its gas pays for", does),
        "A pair without a goal holds when ours is at most theirs.\n",
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
