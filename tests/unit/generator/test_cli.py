"""The command line: results on stdout, errors on stderr, and the same bytes as the node."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator import local_commands
from generator.cli import main
from oracle.domain.errors import InvalidInput
from tests.unit.generator import songs

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cli")
    for seed in (1, 2):
        songs.put(made / "songs", seed, seconds=8)
    return made


def run(folder, *arguments):
    """Exit status, stdout and stderr of a command in its own process."""
    done = subprocess.run(
        [sys.executable, "-m", "generator", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"REFRAIN_VAULT": str(folder / "vault")},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_track_is_generated_and_rendered_again_from_its_trace(folder):
    songs_at = folder / "songs"
    status, out, err = run(
        folder, "generate", "--length", 10, "--seed", 3, "--out", folder / "track.wav",
        "--reference", f"{songs_at / 'song-1.wav'}=2", "--reference", songs_at / "song-2.wav",
    )  # fmt: skip
    assert status == 0, err
    made = json.loads(out)
    track = (folder / "track.wav").read_bytes()
    assert hashlib.sha256(track).hexdigest() == made["audio"]
    assert made["vectors"]["declared"] == [
        {"recording": 1, "weight": 666_667},
        {"recording": 2, "weight": 333_333},
    ]
    status, out, err = run(
        folder, "render", folder / "track.json", "--references", songs_at,
        "--out", folder / "again.wav",
    )  # fmt: skip
    assert status == 0, err
    assert (folder / "again.wav").read_bytes() == track


def test_an_analysis_prints_whole_numbers(folder):
    status, out, err = run(folder, "analyse", folder / "songs" / "song-1.wav")
    assert status == 0, err
    found = json.loads(out)
    assert found["seconds"] == 8 and type(found["bpm"]) is int
    assert len(found["record"]) == 64


def test_info_lists_engines_methods_and_what_is_missing(capsys):
    assert main(["info"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "mosaic" in found["engines"] and "shapley" in found["attribution"]
    assert found["clap"]


REFUSED = {
    "no such file": (["analyse", "nowhere.wav"], "file: is not a file"),
    "not audio": (["analyse", __file__], "audio"),
    "no checkpoint": (["embed", __file__], "REFRAIN_CLAP_CHECKPOINT"),
    "no trace": (["render", "no.json", "--references", ".", "--out", "x.wav"], "no.json"),
    "weight": (["generate", "--reference", f"{__file__}=0", "--out", "x.wav"], "reference"),
    "length": (
        ["generate", "--reference", __file__, "--out", "x.wav", "--length", "0"],
        "length",
    ),
    "seed": (["generate", "--reference", __file__, "--out", "x.wav", "--seed", "-1"], "seed"),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_errors_name_what_is_wrong(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("REFRAIN_CLAP_CHECKPOINT", raising=False)
    monkeypatch.setenv("REFRAIN_VAULT", str(tmp_path))
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert said in told.err and told.out == ""


def test_serve_names_a_missing_setting(capsys, monkeypatch):
    monkeypatch.delenv("REFRAIN_RPC", raising=False)
    assert main(["serve"]) == 1
    assert "REFRAIN_RPC: must be set" in capsys.readouterr().err


def test_render_names_a_recording_that_is_not_in_the_folder(folder, tmp_path, capsys):
    trace = folder / "track.json"
    if not trace.exists():
        test_a_track_is_generated_and_rendered_again_from_its_trace(folder)
    arguments = ["render", str(trace), "--references", str(tmp_path), "--out", "x.wav"]
    assert main([*arguments, "--cache", str(tmp_path)]) == 1
    assert "references[0].audio: is not in" in capsys.readouterr().err


def test_weights_are_whole_and_belong_to_the_last_equals_sign():
    assert local_commands.weighted("a=b.wav=3") == (Path("a=b.wav"), 3)
    assert local_commands.weighted("a.wav") == (Path("a.wav"), 1)
    with pytest.raises(InvalidInput, match="reference"):
        local_commands.weighted("a.wav=0.5")


@pytest.mark.parametrize("command", ["generate", "render"])
def test_an_output_without_a_file_name_is_refused(command, tmp_path, capsys):
    words = {"generate": ["--reference", "a.wav=1"], "render": ["t.json", "--references", "."]}
    assert main([command, *words[command], "--out", ""]) == 1
    assert "--out: must name a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["analyse", "caf\udce9.wav"], r"file: is not a file (found caf\udce9.wav)"),
        (["analyse", "a\nb\x1b[31m [x].wav"], r"(found a\nb\x1b[31m [x].wav)"),
        (["render", "no [x].json", "--references", ".", "--out", "x.wav"],
         "no [x].json: No such file or directory"),
    ],
)  # fmt: skip
def test_errors_show_names_as_they_are_and_no_folder(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("REFRAIN_VAULT", str(tmp_path))
    assert main([words[0], f"{tmp_path}/{words[1]}", *words[2:]]) == 1
    told = capsys.readouterr().err
    assert said in told and str(tmp_path) not in told and len(told.splitlines()) == 1
