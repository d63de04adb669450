"""Analyses and generates in its own process, and prints hashes of all results."""

import hashlib
import json
import sys
from pathlib import Path

from generator.audio.decode import samples_digest
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.cache import Store
from tests.unit.generator.files_made import source

cache = Path(sys.argv[1])
sources = [source(number, Path(path)) for number, path in enumerate(sys.argv[2:], 1)]
engine, store = Mosaic(cache), Store(cache)
made = engine.generate(sources, (600_000, 400_000), 2024, 6)
layers = [hashlib.sha256(store.layers(one.audio).tobytes()).hexdigest() for one in sources]
found = {
    "records": [engine.analyse(one).digest for one in sources],
    "layers": layers,
    "trace": made.trace.sha256,
    "samples": samples_digest(made.track),
}
print(json.dumps(found))
