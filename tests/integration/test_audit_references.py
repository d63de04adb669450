"""With the references, the audit renders a real track again from its trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.attribution import vectors
from generator.audio.decode import wav_bytes
from generator.engines.base import Source
from generator.engines.mosaic.engine import Mosaic
from scripts.auditor.cli import main
from tests.audit.content import digest
from tests.audit.ending import SOUND, passed
from tests.audit.world import Track, World, world
from tests.unit.generator.songs import song

pytestmark = pytest.mark.slow


class Studio:
    """Three songs as files, and the product's engine to make tracks of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.engine = folder / "references", Mosaic(folder / "cache")
        self.songs = [song(seed, 5) for seed in (1, 2, 3)]
        self.folder.mkdir()
        for number, content in enumerate(self.songs):
            (self.folder / f"any name {number}").write_bytes(content)

    def make(self, references: list[dict[str, Any]], asked: list[int], seed: int) -> Track:
        files = {digest(path.read_bytes()): path for path in self.folder.iterdir()}
        sources = [Source(r["recording"], r["audio"], files[r["audio"]]) for r in references]
        made = self.engine.generate(sources, asked, seed, 5)
        found = {
            name: {item["recording"]: item["weight"] for item in items}
            for name, items in vectors(made.trace).items()
        }
        return made.trace.to_dict(), wav_bytes(made.track), found


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="module")
def made(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("rendered"), studio.songs) as found:
        yield found


def audited(
    made: World, capsys: pytest.CaptureFixture[str], generation: str, folder: Path
) -> list[str]:
    words = ["--rpc", made.url, "--ledger", made.rig.ledger.address, "--ipfs",
             str(made.blocks.root), "--generation", generation, "--references", str(folder)]
    main(words)
    lines = capsys.readouterr().out.splitlines()
    return [line.replace(f"generation {generation[:10]}.. ", "") for line in lines]


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]


def test_a_track_of_the_engine(
    made: World, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every verdict, with the two float vectors and the samples, on a track of the product."""
    lines = audited(made, capsys, made.settle(engine=studio.make), studio.folder)
    assert not wrong(lines) and passed(lines[-1], SOUND)
    assert "     largest difference 0 of 32768, 0 samples differ" in lines


def test_an_edit_that_is_not_in_the_audio(
    made: World, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    def move(trace: dict[str, Any]) -> None:
        trace["edits"][0]["source"] += 441

    generation = made.settle(engine=studio.make, in_trace=move)
    (line,) = wrong(audited(made, capsys, generation, studio.folder))
    assert line.startswith("MISMATCH render: comparison says largest difference ")


def test_more_frames_than_were_laid(
    made: World, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    """The trace credits recording 1 with every unit; the edits and the payment contradict it."""

    def claim(trace: dict[str, Any]) -> None:
        trace["draws"] = [1] * len(trace["draws"])

    generation = made.settle(engine=studio.make, in_trace=claim)
    lines = wrong(audited(made, capsys, generation, studio.folder))
    starts = ["MISMATCH edits: trace.edits[", "MISMATCH vectors.realised[1]: ",
              "MISMATCH weight[1]: chain says "]
    assert all(any(line.startswith(start) for line in lines) for start in starts)


def test_a_reference_that_is_missing(
    made: World, studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").write_bytes(studio.songs[0])
    (tmp_path / "b").write_bytes(studio.songs[1])
    generation = made.settle(engine=studio.make)
    (line,) = wrong(audited(made, capsys, generation, tmp_path))
    assert line.endswith(f"holds no file with sha256 {digest(studio.songs[2])}")


def test_a_reference_that_cannot_be_decoded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with world(tmp_path / "world") as made:
        (tmp_path / "references").mkdir()
        for number, content in enumerate(made.audio):
            (tmp_path / "references" / str(number)).write_bytes(content)
        lines = wrong(audited(made, capsys, made.settle(), tmp_path / "references"))
    assert any(line.startswith("UNREADABLE references: ") and " cannot be decoded: " in line
               for line in lines), lines
