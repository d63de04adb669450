"""An analysis needs bounded memory: 1.1 GB for 20 minutes in stereo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.unit.generator.band import play
from tests.unit.generator.files_made import write

ROOT = Path(__file__).parents[3]
MINUTES = 4
FIXED, EACH = 160, 65
"""Megabytes: of the program, and of a minute of audio. 20 minutes then need less than 1.5 GB."""


@pytest.mark.long
def test_memory_of_an_analysis(tmp_path: Path) -> None:
    tune = play(100, 60, seed=4).samples
    path = write(tmp_path / "long.wav", np.tile(tune, (MINUTES, 1)))
    command = [sys.executable, "-m", "tests.unit.generator.memory_process", tmp_path / "x", path]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(done.stdout) <= FIXED + EACH * MINUTES
