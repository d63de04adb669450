"""Remembers the results of pure functions that every run calls many times with the same values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from oracle.adapters import generations, seats
from oracle.adapters.signing import signatures, typed

MOST = 4_096


def _by_tuple(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes a list as the second argument, which is no key of a cache."""
    known = lru_cache(MOST)(function)
    return lambda name, values: known(name, tuple(values))


@contextmanager
def pure_functions_remembered() -> Iterator[None]:
    """Replaces the functions inside of the block."""
    before = typed.hash_struct, signatures.recover, generations.generation_from
    set_id, seat = typed.TypedData.set_id, seats._seat
    seats._seat = lru_cache(MOST)(seat)
    typed.TypedData.set_id = lru_cache(MOST)(set_id)
    typed.hash_struct = _by_tuple(typed.hash_struct)
    signatures.recover = lru_cache(MOST)(signatures.recover)
    generations.generation_from = lru_cache(MOST)(generations.generation_from)
    try:
        yield
    finally:
        typed.hash_struct, signatures.recover, generations.generation_from = before
        typed.TypedData.set_id, seats._seat = set_id, seat
