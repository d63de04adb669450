"""The paths that a person names: checked before anything starts, and where audio is kept."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import NoReturn

PROBE = bytes(4_096)


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the command line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"Wrong usage: {message[:300]}; see `{self.prog} --help`\n")


class WrongPath(RuntimeError):
    """A path cannot be used; the message names the option, the path and the reason."""

    def __init__(self, option: str, path: Path, reason: str) -> None:
        super().__init__(f"{option} {path}: {reason}")


def path(text: str) -> Path:
    """A path as a person types it; `~` stands for the home of its user.

    Raises:
        ArgumentTypeError: no path can be like that.
    """
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("must be a path")
    return Path(os.path.expanduser(text))


def checked_folder(option: str, path: Path) -> Path:
    """The folder without links, made if it is missing.

    Raises:
        WrongPath: it is no folder, cannot be made, or takes no files.
    """
    folder = Path(os.path.realpath(path))
    if folder.exists() and not folder.is_dir():
        raise WrongPath(option, path, "is not a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_probe(folder)
    except OSError as fault:
        raise WrongPath(option, path, reason_of(fault)) from fault
    return folder


def checked_state(option: str, path: Path) -> Path:
    """A folder for the state of a stack; a start without --keep removes what is in it.

    Raises:
        WrongPath: it cannot be used, or holds something that is no state of a stack.
    """
    folder = checked_folder(option, path)
    names = {entry.name for entry in folder.iterdir()}
    # A stack makes its logs and one of the two others before anything else.
    if names and not ("logs" in names and names & {"keys", "processes.json"}):
        raise WrongPath(option, path, "holds other files; name an empty or a new folder")
    return folder


def check_file(option: str, path: Path) -> None:
    """Checks that a file can be written and replaced at `path`; makes its folder.

    Raises:
        WrongPath: it cannot.
    """
    try:
        if path.exists() and not path.is_file():
            raise WrongPath(option, path, "is not a regular file")
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_probe(path.parent)
    except OSError as fault:
        raise WrongPath(option, path, reason_of(fault)) from fault


def _write_probe(folder: Path) -> None:
    """Writes a file without a name: a full disk refuses the content, not the name."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(PROBE)
        probe.flush()


def reason_of(fault: OSError) -> str:
    """What the system says about a fault, without number and path."""
    return fault.strerror or str(fault)


def fault_at(fault: OSError, folder: Path) -> str:
    """One line for a fault of a later write; `folder` is named if the fault names no path."""
    return f"{fault.filename or folder}: {reason_of(fault)}"


def vaults_of(state: Path, default: Path) -> Path:
    """Where the nodes keep audio and analyses: inside the state, except for the default state.

    A start without --keep removes the state. The vaults of the default state lie beside it, so
    that the next start does not analyse the same songs again. A person who names another folder
    gets everything inside that folder.
    """
    if Path(os.path.realpath(state)) == Path(os.path.realpath(default)):
        return default.parent / "vaults" / default.name
    return state / "vaults"
