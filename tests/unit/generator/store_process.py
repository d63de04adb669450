"""Stores an analysis and ends at a step as `kill -9` does; arguments: folder, name, step."""

import os
import signal
import sys
from pathlib import Path

from generator.engines.mosaic.cache import Store

FRAMES = 5_000
RECORD = {"frames": FRAMES}


def fill(layers):
    """Layers of ones, and their record."""
    layers[:] = 1
    end_at("filled")
    return RECORD


def end_at(step):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Store(Path(sys.argv[1]), reached=end_at).keep(sys.argv[2], FRAMES, fill)
