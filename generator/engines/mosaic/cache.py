"""The engine's cache: the layers and the record of each recording, by the hash of its file.

The engine can compute everything here again from the file, so it may be deleted at any time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.engines.mosaic.analysis_record import ENGINE, VERSION
from oracle.domain import canonical

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    LayerArray = NDArray[np.int32]
    Fill = Callable[[LayerArray], dict[str, Any]]


@dataclass(frozen=True)
class Store:
    """A folder of analysed recordings.

    Args:
        root: created when needed; several processes may share it.
    """

    root: Path

    def holds(self, audio: str) -> bool:
        """Whether this version has analysed the file."""
        return all(self._path(audio, ending).exists() for ending in ("json", "npy"))

    def record(self, audio: str) -> bytes:
        """The record of an analysed file, canonical JSON."""
        return self._path(audio, "json").read_bytes()

    def layers(self, audio: str) -> LayerArray:
        """The layers of an analysed file, a read-only memory map of shape (2, frames, 2)."""
        import numpy as np

        return np.load(self._path(audio, "npy"), mmap_mode="r", allow_pickle=False)

    def keep(self, audio: str, frames: int, fill: Fill) -> None:
        """Let `fill` write the layers into a file and return the record, then store both.

        A process that dies before the end leaves only a temporary file. Two processes at once do
        the work twice and store the same bytes.
        """
        import numpy as np

        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".making-") as making:
            path = Path(making, "layers.npy")
            layers = np.lib.format.open_memmap(path, "w+", dtype=np.int32, shape=(2, frames, 2))
            record = fill(layers)
            layers.flush()
            written = Path(making, "record.json")
            written.write_bytes(canonical.dumps(record))
            # The record comes last, because its presence means that the layers are complete.
            os.replace(path, self._path(audio, "npy"))
            os.replace(written, self._path(audio, "json"))

    def _path(self, audio: str, ending: str) -> Path:
        return self.root / f"{audio}.{ENGINE}-{VERSION}.{ending}"
