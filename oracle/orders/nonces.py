"""The nonces that quotes offer, and how far apart a payer's open nonces may lie.

Each oracle of the set offers other nonces than the others: those that leave its own index when
they are divided by the number of oracles. So quotes of several oracles do not collide.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence

from oracle.domain.errors import Refused, Unavailable
from oracle.domain.reservation import MOST_AHEAD

MOST_PAYERS = 10_000
"""Payers whose last offer is remembered."""


class LastOffers:
    """Implements ports.NonceOffers: the last nonce that each payer was offered, in memory."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def choose(self, payer: str, candidates: Sequence[int]) -> int:
        """The first candidate above the payer's last offer, else the first one that differs.

        A sole candidate is offered again.

        Args:
            candidates: ascending, at least one.
        """
        key = payer.lower()
        with self._lock:
            last = self._last.pop(key, -1)
            others = [nonce for nonce in candidates if nonce != last] or candidates
            chosen = next((nonce for nonce in others if nonce > last), others[0])
            self._last[key] = chosen
            if len(self._last) > MOST_PAYERS:
                self._last.popitem(last=False)
        return chosen


def candidates(
    index: int, count: int, next_nonce: int, reserved: Collection[int]
) -> Sequence[int]:
    """The nonces that an oracle may offer, ascending.

    Args:
        index: the oracle's place among the set's `count` signers, from 0.
        next_nonce: the ledger's next nonce of the payer.
        reserved: nonces of the payer's open orders.

    Raises:
        Unavailable: all of them are reserved, or too far above the lowest open one.
    """
    low = min([next_nonce, *reserved])
    first = max(next_nonce, max(reserved, default=0) - MOST_AHEAD)
    found = [
        nonce
        for nonce in range(first, low + MOST_AHEAD + 1)
        if nonce % count == index and nonce not in reserved
    ]
    if not found:
        detail = f"no nonce is free until the order with nonce {low} has ended"
        raise Unavailable(detail, field="nonce", value=low, public=True)
    return found


def require_near(nonce: int, reserved: Collection[int]) -> None:
    """Raises Refused unless a nonce lies within 63 of all open ones.

    The ledger remembers 64 nonces: a settled one makes those further below unusable.
    """
    low, high = min([nonce, *reserved]), max([nonce, *reserved])
    if high - low > MOST_AHEAD:
        other = low if nonce == high else high
        detail = f"must be within {MOST_AHEAD} of the payer's open nonce {other}"
        raise Refused(detail, field="order.nonce", value=nonce)
