"""The real store of an oracle; what it reads is remembered until its next change."""

from __future__ import annotations

from typing import Any

from oracle.adapters.store import DatabaseStore

READS = frozenset({"known", "load", "seat", "unfinished", "reservations", "open_orders"})


class CachedStore:
    """Stands before the store of one oracle, which alone writes to its database."""

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store
        self._known: dict[tuple[Any, ...], Any] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name in READS:
            return lambda *args: self._read(found, (name, *args))

        def change(*args: Any) -> Any:
            try:
                return found(*args)
            finally:
                self._known.clear()

        return change

    def _read(self, read: Any, key: tuple[Any, ...]) -> Any:
        if key not in self._known:
            self._known[key] = read(*key[1:])
        return self._known[key]
