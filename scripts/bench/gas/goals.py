"""The goal of each figure, and the list of figures with goals and peers."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.bench.figures import Figure
from scripts.bench.gas.batches import GENERATIONS, LISTED, SINGLY, batch_name
from scripts.bench.gas.chain_bench import FIRST, FRESH, LATER, SIZES, WITHDRAW_ONE, Gas, settle
from scripts.bench.gas.peers import SPLITS

# Gas.
GOALS = {
    **{settle(2, when): 72_000 for when in (FIRST, LATER)},
    **{settle(10, when): 120_000 for when in (FIRST, LATER)},
    **{settle(100, when): 665_000 for when in (FIRST, LATER)},
    WITHDRAW_ONE: 46_000,
    "withdraw each further, same owner": 7_800,
    "register, each of 50": 45_200,
    "revoke": 29_900,
    "revokeMany, each": 9_300,
    batch_name(GENERATIONS, SINGLY): 26_000,
    batch_name(GENERATIONS, LISTED): 22_500,
}

# Goals in per cent of a peer's gas. Without one, the goal is the peer's gas.
SHARES = {
    (settle(2, LATER), SPLITS.name): 86,
    (settle(10, LATER), SPLITS.name): 76,
    (settle(100, LATER), SPLITS.name): 67,
    (settle(100, FIRST), SPLITS.name): 25,
}

# The most difference of a first settlement from a later one, in per cent of the cheaper.
APART = 1

# The most by which the first settlement of a dispute epoch may exceed a later one, in per cent; it
# updates the amounts in every recording's word.
FRESH_APART = 3

BESIDE = " / "


def alone(figures: Mapping[str, object]) -> list[str]:
    """The names of figures without a peer."""
    return [name for name in figures if BESIDE not in name]


def figures(ours: Gas, theirs: Mapping[str, Gas]) -> list[Figure]:
    """The figures of ours with their goals; after each, the peers that do the same work.

    Args:
        ours: gas by name of the figure.
        theirs: the same, by name of the peer.
    """
    found = []
    for name, gas in ours.items():
        found.append(Figure(name, gas, GOALS.get(name)))
        pairs = ((peer, costs[name]) for peer, costs in theirs.items() if name in costs)
        found += [_pair(name, gas, peer, cost) for peer, cost in pairs]
    return found + [each(ours, size) for each in (_apart, _fresh) for size in SIZES]


def _pair(name: str, gas: int, peer: str, cost: int) -> Figure:
    share = SHARES.get((name, peer))
    goal = None if share is None else cost * share // 100
    return Figure(f"{name}{BESIDE}{peer}", gas, goal, peer=cost)


def _apart(ours: Gas, size: int) -> Figure:
    low, high = sorted(ours[settle(size, when)] for when in (FIRST, LATER))
    name = f"settle {size}, dearer of first and later{BESIDE}the cheaper"
    return Figure(name, high, low * (100 + APART) // 100, peer=low)


def _fresh(ours: Gas, size: int) -> Figure:
    fresh, later = (ours[settle(size, when)] for when in (FRESH, LATER))
    name = f"{settle(size, FRESH)}{BESIDE}{LATER}"
    return Figure(name, fresh, later * (100 + FRESH_APART) // 100, peer=later)
