"""The recordings as the engine plays them: what the cache lacks is decoded and separated."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from generator.audio.decode import decode
from generator.audio.prepared import Prepared
from generator.engines.base import Progress, Source, silent
from generator.engines.mosaic.analysis import analyse
from generator.engines.mosaic.cache import Store
from generator.engines.mosaic.mapped import Missing
from generator.engines.mosaic.meter import Meter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    LayerArray = NDArray[np.int32]


class Library:
    """Records and layers of files.

    Args:
        cache: folder of the store; what killed processes left there is deleted.
    """

    def __init__(self, cache: Path) -> None:
        self._store = Store(cache)
        self._store.sweep()

    def bound(self, most: int) -> None:
        """The most bytes of layers in the store from now on."""
        self._store = replace(self._store, most=most)

    def record(self, source: Source, progress: Progress = silent) -> bytes:
        """The record of a file, canonical JSON. Raises AudioError for one that cannot be used."""
        while (content := self._store.record(source.audio)) is None:
            self._separate(source, progress)
        return content

    def layers(
        self, sources: Sequence[Source], progress: Progress = silent
    ) -> dict[int, LayerArray]:
        """The layers by component, separated again where the cache has them no longer."""
        found = {}
        for component, source in enumerate(sources, 1):
            found[component] = self._layers_of(source)
            progress(60 * component // len(sources))
        return found

    def _layers_of(self, source: Source) -> LayerArray:
        while True:
            with contextlib.suppress(Missing):
                return self._store.layers(source.audio)
            self._separate(source)

    def _separate(self, source: Source, progress: Progress = silent) -> None:
        """Decode a file, and write its layers and its record into the cache."""
        meter = Meter()
        signal = Prepared(decode(source.path), meter.listen)
        progress(20)
        self._store.keep(
            source.audio, len(signal), lambda layers: analyse(signal, meter, layers, progress)
        )
