"""CLAP: exact windows, errors that name what is missing, real architecture, random weights."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.audio.decode import wav_bytes
from generator.embeddings import SIZE, WINDOW, state, windows
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from tests.unit.generator import songs
from tests.unit.generator.tiny_engine import TinyEngine

ROOT = Path(__file__).resolve().parents[3]
needs_clap = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="laion-clap needs numpy below 2, which ends at Python 3.12"
)


def ramp(frames):
    return np.arange(1, frames + 1, dtype=np.float32)


@given(st.integers(1, 3 * WINDOW))
def test_every_window_is_ten_seconds_and_every_sample_is_in_one(frames):
    found = windows(ramp(frames))
    assert found.shape[1] == WINDOW
    assert len(found) == max(1, -(-frames // WINDOW))
    ends = found[:, -1] if frames >= WINDOW else [frames]
    covered = sum(np.diff([0, *ends]).clip(0, WINDOW))
    assert covered == frames


def test_the_last_window_ends_where_the_audio_does():
    found = windows(ramp(WINDOW + 1))
    assert found[0, 0] == 1 and found[1, 0] == 2 and found[1, -1] == WINDOW + 1


def test_short_audio_is_repeated_whole_and_then_silent():
    found = windows(ramp(WINDOW // 3 - 1))[0]
    assert (found[: WINDOW // 3 - 1] == found[WINDOW // 3 - 1 : 2 * (WINDOW // 3 - 1)]).all()
    assert np.count_nonzero(found) == 3 * (WINDOW // 3 - 1)


def test_without_a_checkpoint_the_state_names_the_variable():
    assert state(None).startswith("absent: set REFRAIN_CLAP_CHECKPOINT")


def test_a_missing_checkpoint_is_named(tmp_path):
    assert state(tmp_path / "no.pt") == (
        "absent: REFRAIN_CLAP_CHECKPOINT names no.pt, which is not a file"
    )


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


@needs_clap
def test_a_missing_tokenizer_is_named(tmp_path):
    checkpoint = tmp_path / "clap.pt"
    checkpoint.write_bytes(b"weights")
    environment = {"HF_HOME": str(tmp_path), "REFRAIN_CLAP_CHECKPOINT": str(checkpoint)}
    found = json.loads(run("-m", "generator", "info", **environment).stdout)
    assert "roberta-base is not in the local hub cache" in found["clap"]
    file, _ = songs.put(tmp_path, 1)
    refused = run("-m", "generator", "embed", str(file), **environment)
    assert refused.returncode == 1
    assert "roberta-base is not in the local hub cache" in refused.stderr


@pytest.fixture(scope="module")
def clap(tmp_path_factory):
    """A hub cache and a random checkpoint of HTSAT-tiny; (folder, environment)."""
    folder = tmp_path_factory.mktemp("clap")
    environment = {"HF_HOME": str(folder), "HF_HUB_OFFLINE": "1"}
    checkpoint = folder / "random.pt"
    made = run("-m", "tests.unit.generator.hub", str(checkpoint), **environment)
    assert made.returncode == 0, made.stderr
    return folder, environment | {"REFRAIN_CLAP_CHECKPOINT": str(checkpoint)}


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Two songs of ten seconds, and a file with both in a row."""
    folder = tmp_path_factory.mktemp("audio")
    heads = [songs.song(seed, seconds=10) for seed in (1, 2)]
    (folder / "one.wav").write_bytes(heads[0])
    (folder / "two.wav").write_bytes(heads[1])
    both = np.frombuffer(heads[0][44:] + heads[1][44:], dtype="<i2").reshape(-1, 2)
    (folder / "both.wav").write_bytes(wav_bytes(both))
    return folder


@needs_clap
@pytest.mark.long
def test_a_file_of_any_length_has_one_vector(clap, audio):
    folder, environment = clap
    names = [str(audio / f"{name}.wav") for name in ("one", "two", "both")]
    program = ["-m", "tests.unit.generator.embedding_process", str(folder / "random.pt")]
    first = run(*program, *names, **environment)
    assert first.returncode == 0, first.stderr
    found = {name: np.array(vector) for name, vector in json.loads(first.stdout).items()}
    assert all(vector.shape == (SIZE,) for vector in found.values())
    assert all(np.linalg.norm(vector) == pytest.approx(1) for vector in found.values())
    assert not np.allclose(found["one"], found["two"], atol=1e-4)
    mean = found["one"] + found["two"]
    assert found["both"] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-3)

    again = run("-m", "generator", "embed", names[2], **environment)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["embedding"] == found["both"].tolist()


@needs_clap
@pytest.mark.long
def test_an_upload_leaves_its_embedding_beside_the_audio(clap, tmp_path, monkeypatch):
    folder, environment = clap
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / "audio" / digest[:2] / digest
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    engine_process = EngineProcess({"tiny": TinyEngine}, tmp_path / "cache")
    try:
        Vault(tmp_path, "here", engine_process, "tiny", folder / "random.pt").admit(1, digest)
    finally:
        engine_process.close()
    kept = json.loads((tmp_path / "embeddings" / f"{digest}.json").read_bytes())
    checkpoint = (folder / "random.pt").read_bytes()
    assert kept["checkpoint"] == hashlib.sha256(checkpoint).hexdigest()
    assert len(kept["embedding"]) == SIZE


class Trap:
    """Unpickles into a call that writes a file, as a poisoned checkpoint could."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@needs_clap
@pytest.mark.long
@pytest.mark.parametrize("poisoned", [True, False], ids=["poisoned", "not a checkpoint"])
def test_loading_a_checkpoint_runs_no_code_from_it(clap, audio, tmp_path, poisoned):
    _, environment = clap
    mark, path = tmp_path / "mark", tmp_path / "trap.pt"
    path.write_bytes(pickle.dumps({"state_dict": Trap(mark)}) if poisoned else b"weights")
    refused = run(
        "-m", "generator", "embed", str(audio / "one.wav"), "--checkpoint", str(path), **environment
    )
    assert refused.returncode == 1
    assert "cannot be read as a checkpoint" in refused.stderr
    assert not mark.exists()
