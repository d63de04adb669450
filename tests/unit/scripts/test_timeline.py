"""The timeline shows what the trace says, legibly, and the same picture twice."""

import struct
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from scripts.demo.timeline import PALETTE, _bars, draw, lanes_of, realised_shares, spectrogram

ROOT = Path(__file__).resolve().parents[3]
RATE, BPM, BEAT, UNITS = 44_100, 120, 22_050, 16
NAMES = {3: "Porch Light", 7: "Glass $house$ 夜"}


def edit(layer: str, unit: int, component: int, gain: int = 65_536) -> dict[str, Any]:
    return {"layer": layer, "start": max(0, unit * BEAT - 441), "component": component,
            "source": 0, "length": BEAT, "step": 1024, "gain": gain, "fade_in": 176,
            "fade_out": 176, "unit": unit}


def trace_of(prior: list[int], draws: list[int]) -> dict[str, Any]:
    """A trace whose percussion always comes from component 1."""
    return {
        "refrain_trace": 2, "engine": {"name": "mosaic", "version": "2"}, "rate": RATE,
        "frames": UNITS * BEAT, "bpm": BPM, "prior": prior, "draws": draws,
        "references": [{"recording": number} for number in (3, 7, 9)[: len(prior) - 1]],
        "frames_drawn": [BEAT] * len(draws),
        "edits": [edit("harmonic", unit, drawn) for unit, drawn in enumerate(draws)]
        + [edit("percussive", unit, 1) for unit in range(len(draws))],
    }


TRACE = trace_of([0, 600_000, 300_000, 100_000], [1] * 8 + [2] * 4 + [3] * 4)


@pytest.fixture
def track(tmp_path: Path) -> Path:
    time = np.arange(UNITS * BEAT) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 440 * time) * np.exp(-6 * (time % 0.5))
    path = tmp_path / "track.wav"
    soundfile.write(path, np.stack([tone, tone], axis=1), RATE, subtype="PCM_16")
    return path


def size_of(png: Path) -> tuple[int, int]:
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_realised_shares_count_audible_frames() -> None:
    trace = {**TRACE, "frames_drawn": [BEAT] * 8 + [0] * 4 + [BEAT] * 4}
    assert realised_shares(trace) == [0, 8 / 12, 0, 4 / 12]


def test_given_nothing_audible_it_divides_by_nothing() -> None:
    assert realised_shares({**TRACE, "frames_drawn": [0] * UNITS}) == [0, 0, 0, 0]


def test_lanes_are_in_the_order_of_references_with_titles_or_ids() -> None:
    lanes = lanes_of(TRACE, NAMES)
    assert [lane.title for lane in lanes] == ["Porch Light", "Glass $house$ 夜", "recording 9"]
    assert [lane.asked for lane in lanes] == [0.6, 0.3, 0.1]
    assert [lane.realised for lane in lanes] == [0.5, 0.25, 0.25]
    assert len({lane.colour for lane in lanes}) == 3


def test_layers_are_kept_apart_and_silent_edits_left_out() -> None:
    edits = [edit("harmonic", 0, 1), edit("percussive", 1, 1), edit("harmonic", 2, 1, gain=0)]
    first = lanes_of({**TRACE, "edits": edits}, NAMES)[0]
    assert first.spans == {"harmonic": [(0, BEAT)], "percussive": [(BEAT - 441, BEAT)]}


def test_no_reference_has_a_lane_only_when_it_sounds_or_was_asked() -> None:
    assert "no reference" not in [lane.title for lane in lanes_of(TRACE, NAMES)]
    asked = trace_of([50_000, 950_000], [1] * UNITS)
    drawn = trace_of([0, 1_000_000], [0] + [1] * (UNITS - 1))
    assert lanes_of(asked, NAMES)[-1].title == lanes_of(drawn, NAMES)[-1].title == "no reference"


def test_a_tone_lights_its_own_band() -> None:
    time = np.arange(RATE) / RATE
    levels = spectrogram(np.sin(2 * np.pi * 1_000 * time), RATE, 10)
    brightest = np.argmax(levels[:, 5])
    assert 40 * 400 ** (brightest / 256) == pytest.approx(1_000, rel=0.03)
    assert levels.max() == pytest.approx(0, abs=1e-6) and np.isfinite(levels).all()


def test_the_picture_is_1600_wide_and_grows_by_its_lanes(track: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few.png", tmp_path / "many.png"
    draw(track, trace_of([0, 1_000_000], [1] * UNITS), NAMES, few)
    draw(track, TRACE, NAMES, many)
    assert size_of(few)[0] == size_of(many)[0] == 1_600
    assert size_of(many)[1] - size_of(few)[1] == 2 * 46


def test_the_same_trace_draws_the_same_bytes(track: Path, tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        draw(track, TRACE, NAMES, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_colours_of_the_lanes_are_in_the_picture(track: Path, tmp_path: Path) -> None:
    from matplotlib.image import imread

    draw(track, TRACE, NAMES, tmp_path / "out.png")
    pixels = np.rint(imread(tmp_path / "out.png")[:, :, :3] * 255).astype(int)
    for colour in PALETTE[:3]:
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(pixels - wanted).max(axis=2) <= 1).sum() > 1_000


def test_given_a_silent_track_it_still_draws(track: Path, tmp_path: Path) -> None:
    soundfile.write(track, np.zeros((UNITS * BEAT, 2)), RATE, subtype="PCM_16")
    draw(track, TRACE, {}, tmp_path / "out.png")
    assert size_of(tmp_path / "out.png")[0] == 1_600


def test_given_another_track_it_refuses_and_names_both_lengths(track: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"44100 frames.*352800"):
        draw(track, {**TRACE, "frames": RATE}, NAMES, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


PROTANOPE = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
DEUTERANOPE = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
"""Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB."""
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def seen(colour: str, eye: np.ndarray) -> np.ndarray:
    """The colour as CIELAB after an eye that lacks a cone."""
    coded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(eye @ linear, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", [np.eye(3), PROTANOPE, DEUTERANOPE], ids=["all", "no L", "no M"])
def test_the_first_six_colours_differ_for_every_eye(eye: np.ndarray) -> None:
    differences = {pair: float(np.linalg.norm(seen(pair[0], eye) - seen(pair[1], eye)))
                   for pair in combinations(PALETTE[:6], 2)}
    assert min(differences.values()) > 10, min(differences, key=differences.__getitem__)


def test_importing_it_does_not_load_matplotlib() -> None:
    code = "import sys, scripts.demo.timeline; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_trace_without_a_beat_has_a_picture_without_bars(track: Path, tmp_path: Path) -> None:
    names = {3: "Drone\n\x1b[31m \udce9", 7: "Click"}
    draw(track, {**TRACE, "bpm": 0}, names, tmp_path / "drawn.png")
    width, _ = size_of(tmp_path / "drawn.png")
    assert width == 1_600
    assert [*_bars({**TRACE, "bpm": 0})] == [] and len([*_bars(TRACE)]) == 4
