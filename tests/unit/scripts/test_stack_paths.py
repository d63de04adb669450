"""`make up` and `make demo` check the paths that a person names before they start anything."""

import resource
import shlex
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from scripts.commands import app as commands
from scripts.stack import up
from scripts.stack.__main__ import main
from scripts.stack.layout import ROOT
from scripts.stack.paths import (
    WrongPath,
    check_file,
    checked_folder,
    checked_state,
    fault_at,
    vaults_of,
)
from scripts.stack.pinning import Pinning
from scripts.stack.stack import Stack

# Nobody can make a file below these, not even root.
NO_FOLDER = Path("/proc/refrain-state")


def refused(module, *arguments, largest=resource.RLIM_INFINITY):
    """The last line of a program that must fail without a traceback.

    Args:
        largest: bytes that a file may have; a longer write fails, as it does on a full disk.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
    )  # fmt: skip
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    return said.splitlines()[-1]


@pytest.fixture
def a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")
    return path


def test_a_state_that_cannot_be_made_is_named_with_the_reason():
    line = refused("scripts.stack", "--state", str(NO_FOLDER))
    assert line == f"make up failed: --state {NO_FOLDER}: No such file or directory"


def test_a_state_that_is_a_file_is_named_and_left_alone(a_file, tmp_path):
    line = refused("scripts.stack", "--state", str(a_file), "--json", str(tmp_path / "s.json"))
    assert line == f"make up failed: --state {a_file}: is not a folder"
    assert a_file.read_text() == "mine"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/proc/refrain/stack.json", "No such file or directory"),
        ("/dev/full", "is not a regular file"),
        ("/", "is not a regular file"),
    ],
)
def test_an_address_file_that_cannot_be_written_is_named_before_a_start(tmp_path, path, reason):
    state = tmp_path / "up"
    line = refused("scripts.stack", "--state", str(state), "--json", path)
    assert line == f"make up failed: --json {path}: {reason}"
    assert list(state.iterdir()) == []


def test_a_wrong_address_file_does_not_cost_the_state_of_the_last_run(tmp_path):
    kept = tmp_path / "up" / "chain.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    refused("scripts.stack", "--state", str(kept.parent), "--json", str(tmp_path))
    assert kept.exists()


def test_a_disk_that_takes_no_content_is_found_before_a_start(tmp_path):
    state = tmp_path / "up"
    line = refused("scripts.stack", "--state", str(state), "--json", str(tmp_path / "s.json"),
                   largest=100)  # fmt: skip
    assert line == f"make up failed: --state {state}: File too large"
    assert list(state.iterdir()) == []


@pytest.mark.parametrize("option", ["--state", "--out"])
def test_the_demo_names_its_paths_in_the_same_way(option, a_file, tmp_path):
    given = {"--state": tmp_path / "state", "--out": tmp_path / "out", option: a_file}
    words = [str(word) for pair in given.items() for word in pair]
    assert refused("scripts.demo", *words) == f"demo failed: {option} {a_file}: is not a folder"


def test_a_loop_of_links_is_refused(tmp_path):
    link = tmp_path / "loop"
    link.symlink_to(link)
    with pytest.raises(WrongPath, match=r"--state .*loop: "):
        checked_folder("--state", link)


def test_a_link_to_a_folder_is_followed(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert checked_folder("--state", tmp_path / "link") == tmp_path / "disk"


def test_the_check_leaves_no_file(tmp_path):
    check_file("--json", tmp_path / "stack.json")
    assert list(tmp_path.iterdir()) == []


def failing_stack(monkeypatch, fault):
    """Replaces the start of the parts with a failing one; lists what was stopped."""
    stopped = []

    def start(stack, say):
        stack._pinning = Pinning("folder", "", {}, lambda: stopped.append("pinning"))
        raise fault

    monkeypatch.setattr(Stack, "start", start)
    return stopped


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OSError(28, "No space left on device"), "{state}: No space left on device"),
        (OSError(28, "No space left on device", "/other/file"),
         "/other/file: No space left on device"),
    ],
)  # fmt: skip
def test_a_fault_of_a_later_write_is_one_line_and_ends_every_part(
    tmp_path, monkeypatch, capsys, fault, said
):
    stopped, state = failing_stack(monkeypatch, fault), tmp_path / "up"
    given = Namespace(state=state, json=tmp_path / "s.json", catalogue=None, keep=False)
    assert up.run(given, "refrain up") == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "refrain up failed: " + said.format(state=state)
    assert stopped == ["pinning"]


def test_the_parts_end_although_the_address_file_cannot_be_removed(tmp_path, monkeypatch, capsys):
    path = tmp_path / "s.json"
    stopped = failing_stack(monkeypatch, OSError(28, "No space left on device"))
    monkeypatch.setattr(up, "check_file", lambda *_: path.mkdir())  # a folder takes its place
    given = Namespace(state=tmp_path / "up", json=path, catalogue=None, keep=False)
    assert up.run(given) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"make up failed: {path}: ")
    assert stopped == ["pinning"]


def test_the_pinning_service_ends_although_the_other_parts_cannot_be_stopped(tmp_path, monkeypatch):
    stopped, stack = [], Stack(tmp_path)
    stack._pinning = Pinning("folder", "", {}, lambda: stopped.append("pinning"))
    (tmp_path / "processes.json").mkdir()  # the note of the processes cannot be removed
    with pytest.raises(OSError):
        stack.stop()
    assert stopped == ["pinning"]


def test_a_fault_without_a_reason_of_the_system_is_told_as_it_is():
    assert fault_at(OSError("short read"), Path("up")) == "up: short read"


def test_audio_is_kept_inside_every_state_but_the_default_one(tmp_path):
    default = tmp_path / "home" / "up"
    assert vaults_of(default, default) == tmp_path / "home" / "vaults" / "up"
    assert vaults_of(tmp_path / "x" / "up", default) == tmp_path / "x" / "up" / "vaults"


def test_the_default_state_is_the_same_folder_by_another_path(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "home")
    default = tmp_path / "home" / "up"
    assert vaults_of(tmp_path / "link" / "up", default) == tmp_path / "home" / "vaults" / "up"


@pytest.mark.parametrize("name", ["make up", "refrain up"])
def test_the_help_names_the_command_as_it_was_typed(name, capsys):
    with pytest.raises(SystemExit):
        main(["--help"], name)
    assert capsys.readouterr().out.startswith(f"usage: {name} ")


@pytest.mark.parametrize("command", ["up", "deploy"])
def test_the_help_of_refrain_names_refrain(command, capsys):
    with pytest.raises(SystemExit):
        commands([command, "--help"], standalone_mode=False)
    assert capsys.readouterr().out.startswith(f"usage: refrain {command} ")


def test_a_folder_of_other_files_is_no_state_and_keeps_them(tmp_path):
    (tmp_path / "thesis.odt").write_text("years of work")
    (tmp_path / "logs").mkdir()
    with pytest.raises(WrongPath, match="holds other files"):
        checked_state("--state", tmp_path)
    for module in ("scripts.stack", "scripts.demo"):
        assert "holds other files" in refused(module, "--state", str(tmp_path))
    assert (tmp_path / "thesis.odt").read_text() == "years of work"


@pytest.mark.parametrize("parts", [(), ("logs", "keys"), ("logs", "processes.json", "pins")])
def test_an_empty_folder_and_the_state_of_a_stack_can_be_a_state(tmp_path, parts):
    for part in parts:
        (tmp_path / part).mkdir()
    assert checked_state("--state", tmp_path) == tmp_path.resolve()


def test_a_wrong_catalogue_does_not_cost_the_state_of_the_last_run(tmp_path, capsys):
    state, folder = tmp_path / "up", tmp_path / "mine"
    for name in (state / "logs", state / "keys", folder):
        name.mkdir(parents=True)
    (state / "keys" / "app.key").write_text("00")
    given = Namespace(state=state, json=tmp_path / "s.json", catalogue=folder, keep=False)
    assert up.run(given) == 1
    said = capsys.readouterr().out
    assert "make up failed: CATALOGUE: no WAV, AIFF, FLAC, MP3 or Ogg file in " in said
    assert (state / "keys" / "app.key").exists()


def test_the_commands_to_try_are_right_for_any_path():
    init = up.commands("state json/it's ü.json", 1)[0]
    assert shlex.split(init)[1:] == ["init", "--stack", "state json/it's ü.json", "--as", "app"]
