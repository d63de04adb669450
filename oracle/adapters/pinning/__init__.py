"""Pinners: where content is stored by CID. To add one: a module and a line in PINNERS."""

from __future__ import annotations

from collections.abc import Callable

from oracle.adapters.pinning.folder import open_folder
from oracle.ports import Pinner
from oracle.settings import Pinning


def _kubo(settings: Pinning) -> Pinner:
    # Imported late: its package is of the extra `oracle`, and clients pin into folders too.
    from oracle.adapters.pinning.kubo import open_kubo

    return open_kubo(settings)


PINNERS: dict[str, Callable[[Pinning], Pinner]] = {
    "folder": open_folder,
    "kubo": _kubo,
}
