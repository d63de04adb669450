"""Analyses a file in its own process and prints the megabytes that it had at most; see its test."""

import resource
import sys
from pathlib import Path

from generator.engines.mosaic import Mosaic
from tests.unit.generator.files_made import source

if __name__ == "__main__":
    Mosaic(Path(sys.argv[1])).analyse(source(1, Path(sys.argv[2])))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
