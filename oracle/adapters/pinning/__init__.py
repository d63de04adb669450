"""Where content is kept under its CID: every pinner there is, in one table."""

from __future__ import annotations

from collections.abc import Callable

from oracle.adapters.pinning.base import PinningSettings
from oracle.adapters.pinning.folder import open_folder
from oracle.adapters.pinning.kubo import open_kubo
from oracle.ports import Pinner

PINNERS: dict[str, Callable[[PinningSettings], Pinner]] = {
    "folder": open_folder,
    "kubo": open_kubo,
}
