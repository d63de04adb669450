"""The same files, weights and seed give the same bytes with any number of threads and any
instruction set: processes that differ in these repeat every step.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.generator.band import play
from tests.unit.generator.files_made import write

VARIANTS: dict[str, dict[str, str]] = {
    "one thread": {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    "plain instructions": {
        "OMP_NUM_THREADS": "3",
        "ATEN_CPU_CAPABILITY": "default",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    },
    "avx2": {
        "OMP_NUM_THREADS": "2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "OPENBLAS_CORETYPE": "Haswell",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
}
PATIENCE = 240


@pytest.mark.slow
def test_bytes_do_not_depend_on_threads_or_instructions(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a.wav", play(100, 6, 0, 1).samples),
        write(tmp_path / "b.flac", play(108, 6, 2, 2).samples[:, 0], 48_000),
    ]
    started = {name: start(name, tmp_path, paths) for name in VARIANTS}
    found = {name: finish(child) for name, child in started.items()}
    first = found["one thread"]
    assert all(result == first for result in found.values()), found


def start(name: str, folder: Path, paths: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.unit.generator.engine_process"]
    return subprocess.Popen(
        [*command, str(folder / name.replace(" ", "-")), *map(str, paths)],
        env={**os.environ, **VARIANTS[name]},
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(child: subprocess.Popen[str]) -> dict[str, object]:
    try:
        out, errors = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
    assert child.returncode == 0, errors
    return json.loads(out)
