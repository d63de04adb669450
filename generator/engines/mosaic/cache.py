"""The engine's cache: the layers and the record of each recording, by the hash of its file.

The engine can compute everything here again from the file, so it may be deleted at any time. A
process that is killed leaves complete files and a folder that the next one deletes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import atomic_files
from generator.engines.mosaic import mapped
from generator.engines.mosaic.analysis_record import ENGINE, VERSION
from generator.engines.mosaic.making import LOCK, PREFIX, making, sweep
from generator.file_locks import locked, unless_held
from oracle.domain import canonical
from oracle.domain.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    LayerArray = NDArray[np.int32]
    Fill = Callable[[LayerArray], dict[str, Any]]

MOST = 50 * 1024**3
"""Bytes of layers; a minute of audio has 42 MB."""


def _nothing(step: str) -> None:
    """A listener that does nothing."""


@dataclass(frozen=True)
class Store:
    """A folder of analysed recordings.

    Args:
        root: created when needed; several processes may share it.
        most: bytes of layers, from which on those are deleted that were used longest ago. What a
            process has mapped is never deleted, so that may be more. Records are always kept.
        reached: is told each step of `keep`, so that tests can end the process there.
    """

    root: Path
    most: int = MOST
    reached: Callable[[str], None] = _nothing

    def sweep(self) -> None:
        """Delete what killed processes left behind."""
        sweep(self.root)

    def record(self, audio: str) -> bytes | None:
        """The record of an analysed file, canonical JSON; None when there is no whole one."""
        with contextlib.suppress(FileNotFoundError, InvalidInput):
            content = self._path(audio, "json").read_bytes()
            canonical.loads(content)
            return content
        return None

    def layers(self, audio: str) -> LayerArray:
        """The layers of a file, a read-only memory map of shape (2, frames, 2).

        They are not deleted before the map is gone.

        Raises:
            generator.engines.mosaic.mapped.Missing: there are no whole ones.
        """
        path = self._path(audio, "npy")
        found = mapped.opened(path)
        os.utime(path)
        return found

    def keep(self, audio: str, frames: int, fill: Fill) -> None:
        """Let `fill` write the layers into a file and return the record, then store both.

        Two processes at once do the work twice and store the same bytes.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        self.sweep()
        self._make_room(mapped.size_of(frames))
        with making(self.root) as folder:
            path, written = folder / "layers.npy", folder / "record.json"
            layers = mapped.created(path, frames)
            self.reached("begun")
            written.write_bytes(canonical.dumps(fill(layers)))
            self.reached("written")
            # The bytes are on the disk before the names, and so after a power cut too.
            for each in (path, written):
                atomic_files.sync(each)
            os.replace(path, self._path(audio, "npy"))
            self.reached("layers named")
            os.replace(written, self._path(audio, "json"))
            self.reached("named")
            atomic_files.sync(self.root)

    def _make_room(self, size: int) -> None:
        """Delete the layers that were used longest ago until there is room for `size` bytes."""
        with locked(self.root / LOCK):
            found = [(path, path.stat()) for path in self.root.glob("*.npy")]
            begun = [path.stat().st_size for path in self.root.glob(f"{PREFIX}*/*.npy")]
            excess = size + sum(begun) + sum(stat.st_size for _, stat in found) - self.most
            for path, stat in sorted(found, key=lambda pair: pair[1].st_mtime_ns):
                if excess <= 0:
                    return
                with unless_held(path) as free:
                    if free:
                        path.unlink(missing_ok=True)
                        excess -= stat.st_size

    def _path(self, audio: str, ending: str) -> Path:
        return self.root / f"{audio}.{ENGINE}-{VERSION}.{ending}"
