"""How much a node stores: a bound for the recordings, and what stays free on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from oracle.domain.errors import Unavailable

MIB = 1024 * 1024


@dataclass(frozen=True)
class Room:
    """The room for the audio files of a vault.

    Args:
        folder: of the vault; `audio` below it holds the files.
        most: bytes of all audio files.
        free: bytes of the disk that uploads leave free, for analyses and tracks.
    """

    folder: Path
    most: int
    free: int

    def require(self, size: int) -> None:
        """Raises Unavailable unless there is room for `size` more bytes."""
        held = sum(path.stat().st_size for path in (self.folder / "audio").glob("*/*"))
        if held + size > self.most:
            detail = f"is full: it holds at most {self.most // MIB} MiB of recordings"
            raise Unavailable(detail, field="vault", value=held)
        left = shutil.disk_usage(self.folder).free - size
        if left < self.free:
            detail = f"is full: {self.free // MIB} MiB of it stay free"
            raise Unavailable(detail, field="disk", value=max(0, left))
