"""`make demo` as people start it: with the demo's songs, and with a folder of other audio."""

import json
import subprocess
import sys

import pytest

from scripts.stack.layout import NODES, ROOT
from scripts.stack.processes import Processes
from tests.audit.ending import SOUND, passed
from tests.support.ipfs_daemon import running_daemon
from tests.support.odd_audio import GOOD, REFUSED, drone, write, write_odd_audio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LEFT_BEHIND = {"track.wav", "timeline.png", "manifest.json", "trace.json", "statements",
               "audit.json", "audit.txt"}


def demo(out, state, *extra, environment=None):
    command = [sys.executable, "-m", "scripts.demo", "--out", str(out), "--state", str(state)]
    result = subprocess.run([*command, *extra], cwd=ROOT, env=environment, text=True,
                            capture_output=True, timeout=600)
    return result.returncode, result.stdout + result.stderr


def vector_of(out, name):
    manifest = json.loads((out / "manifest.json").read_text())
    return {row["recording"]: row["weight"] for row in manifest["vectors"][name]}


@pytest.mark.long
def test_the_demo_pins_in_a_folder_and_passes_its_audit(tmp_path, catalogue, monkeypatch):
    monkeypatch.delenv("REFRAIN_IPFS_API", raising=False)
    out, state = tmp_path / "out", tmp_path / "state"
    code, said = demo(out, state)
    assert code == 0, said
    assert passed(said, SOUND)
    assert {path.name for path in out.iterdir()} == LEFT_BEHIND
    assert len(list((out / "statements").iterdir())) == 4
    assert json.loads((out / "audit.json").read_text())["mismatches"] == 0
    asked, realised = vector_of(out, "declared"), vector_of(out, "realised")
    assert sum(abs(asked[n] - realised[n]) for n in asked) / 2 <= 50_000
    assert sum(realised.values()) == 1_000_000
    for refusal in ("not licensed for commercial use", "revoked", "unknown"):
        assert f", {refusal}:" in said
    assert not Processes(state).left_over()
    assert {path.name for path in (state / "vaults").iterdir()} == set(NODES)


@pytest.mark.long
def test_a_persons_folder_is_used_without_its_wrong_files_and_pinned_in_a_daemon(tmp_path):
    folder = tmp_path / "mine"
    write_odd_audio(folder)
    write(folder / "drone.wav", drone(44_100), 44_100, "PCM_16")
    name = sorted(GOOD)[0]
    (folder / "splits.csv").write_text(f"file,payee,share\n{name},Ada,60\n{name},Bo,40\n")
    with running_daemon() as (_, api):
        import os

        environment = {**os.environ, "REFRAIN_IPFS_API": api}
        code, said = demo(tmp_path / "out", tmp_path / "state", "--catalogue", str(folder),
                          environment=environment)
    assert code == 0, said
    assert "pins: kubo" in said
    assert passed(said, SOUND)
    assert "no beat" in said
    for name in REFUSED:
        assert said.count(f"left out  {name}: ") == 2, said
    assert not [name for name in GOOD if f"left out  {name}: " in said]


def test_a_folder_with_nothing_usable_fails_by_name(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "noise.wav").write_bytes(b"not audio at all")
    code, said = demo(tmp_path / "out", tmp_path / "state", "--catalogue", str(folder))
    assert code == 1
    assert "noise.wav" in said
    assert "Traceback" not in said
