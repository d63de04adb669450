"""Remembers the results of pure functions that all runs call many times with the same values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from oracle.adapters import generations, seats
from oracle.adapters.signing import signatures, typed
from oracle.adapters.signing.file import FileKey

MOST = 16_384


def _by_tuple(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes a list as the second argument, which is no key of a cache."""
    known = lru_cache(MOST)(lambda name, values: function(name, list(values)))
    return lambda name, values: known(name, tuple(values))


def _by_address(function: Callable[[FileKey, bytes], bytes]) -> Callable[[FileKey, bytes], bytes]:
    """A method of keys, of which those with the same address are the same."""
    keys: dict[str, FileKey] = {}
    known = lru_cache(MOST)(lambda address, digest: function(keys[address], digest))
    return lambda key, digest: known(keys.setdefault(key.address, key).address, digest)


_REMEMBERED: tuple[tuple[Any, str, Any], ...] = (
    (typed, "hash_struct", _by_tuple(typed.hash_struct)),
    (typed, "keccak", lru_cache(MOST)(typed.keccak)),
    (signatures, "recover", lru_cache(MOST)(signatures.recover)),
    (FileKey, "sign", _by_address(FileKey.sign)),
    (generations, "generation_from", lru_cache(MOST)(generations.generation_from)),
    (seats, "_seat", lru_cache(MOST)(seats._seat)),
)
"""Where each function is, its name, and the one that remembers; the same for all runs."""


@contextmanager
def pure_functions_remembered() -> Iterator[None]:
    """Replaces the functions inside of the block."""
    before = [(place, name, getattr(place, name)) for place, name, _ in _REMEMBERED]
    for place, name, function in _REMEMBERED:
        setattr(place, name, function)
    try:
        yield
    finally:
        for place, name, function in before:
            setattr(place, name, function)
