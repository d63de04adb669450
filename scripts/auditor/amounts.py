"""Amounts: how they divide among recordings, and how they are printed."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise

from eth_utils import to_bytes

from .report import Unreadable

MILLION = 1_000_000


def cumulative(total: int, parts: Sequence[int]) -> list[int]:
    """Divides a total by parts of a million, so that the parts sum to the total.

    A part is floor(total * upTo / 1e6) - floor(total * before / 1e6).
    """
    edges = [total * upto // MILLION for upto in accumulate(parts, initial=0)]
    return [second - first for first, second in pairwise(edges)]


def entries(packed: str) -> dict[int, int]:
    """Recording to weight, 8 bytes an entry. Raises Unreadable if the ledger rejects them."""
    found = list(struct.iter_unpack(">II", to_bytes(hexstr=packed)))
    if any(first[0] >= second[0] for first, second in pairwise(found)):
        raise Unreadable("entries: recordings are not strictly ascending")
    if sum(weight for _, weight in found) != MILLION or any(not w for _, w in found):
        raise Unreadable("entries: weights are not positive with the sum 1,000,000")
    return dict(found)


def money(amount: int) -> str:
    """An amount of the token, which has six decimals, as text."""
    return f"{amount // MILLION}.{amount % MILLION:06}"
