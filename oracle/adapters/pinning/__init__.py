"""Where content is kept under its CID: every pinner there is, in one table."""

from __future__ import annotations

from collections.abc import Callable

from oracle.adapters.pinning.base import BlockPinner, PinningSettings
from oracle.adapters.pinning.folder import open_folder
from oracle.adapters.pinning.kubo import open_kubo

PINNERS: dict[str, Callable[[PinningSettings], BlockPinner]] = {
    "folder": open_folder,
    "kubo": open_kubo,
}
