"""What each figure should at most be, and the figures side by side."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.figures import Figure
from scripts.gas.batches import GENERATIONS, LISTED, SINGLY, batch_name
from scripts.gas.bench import FIRST, FRESH, LATER, SIZES, WITHDRAW_ONE, Gas, settle
from scripts.gas.peers import SPLITS

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

# Of a peer's gas, in per cent. A pair without one is held against the peer itself.
SHARES = {
    (settle(2, LATER), SPLITS.name): 86,
    (settle(10, LATER), SPLITS.name): 76,
    (settle(100, LATER), SPLITS.name): 67,
    (settle(100, FIRST), SPLITS.name): 25,
}

# How far the first settlement over recordings may be from a later one, in per cent of the cheaper.
APART = 1

# How far above a later one the first settlement of a dispute epoch may be, in per cent: it moves on
# what every word holds.
FRESH_APART = 3

BESIDE = " / "


def alone(figures: Mapping[str, object]) -> list[str]:
    """The names of figures that are ours, without a peer."""
    return [name for name in figures if BESIDE not in name]


def figures(ours: Gas, theirs: Mapping[str, Gas]) -> list[Figure]:
    """Ours against the goals, each followed by the peers that do the same.

    Args:
        ours: gas by what was done.
        theirs: the same by the name of each peer.
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
