"""Analyses a file in its own process and prints the megabytes that it had at most; see its test."""

import sys
from pathlib import Path

from generator.engines.mosaic import Mosaic
from tests.unit.generator.files_made import source


def most() -> int:
    """Megabytes. `ru_maxrss` would count the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    Mosaic(Path(sys.argv[1])).analyse(source(1, Path(sys.argv[2])))
    print(most())
