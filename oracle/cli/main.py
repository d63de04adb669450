"""The command `refrain`: finds the groups of commands, runs one, and turns failures into one line.

Each package brings its commands: an entry point of the group `refrain.commands` names a Typer app,
and in brackets the extra that it needs. A group is imported when it is used or listed in the help.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from oracle.cli.session import ANYTHING
from oracle.cli.units import Malformed
from oracle.domain import streams
from oracle.domain.errors import RefrainError, Unavailable
from oracle.domain.later import TALLY
from oracle.domain.text import plain

DONE, REFUSED, USAGE, UNREACHABLE = range(4)
INTERRUPTED = 130
LONGEST = 300
"""Characters of a line about a command line, which may repeat a long word of it."""

ABOUT = """
Royalties for generated music: register recordings, order tracks, withdraw, dispute, audit.

Begin with `refrain init`. Amounts are written as 2.50, shares as 65%, dates (UTC) as 2036-12-31.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 a service or the chain cannot be reached, or an
order has not ended in time.
"""


@cache
def found_commands() -> dict[str, EntryPoint]:
    """The installed commands by name, in the order of the alphabet."""
    found = entry_points(group="refrain.commands")
    return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)}


class Commands(TyperGroup):
    """The commands of all installed packages; each is imported when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(found_commands())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = found_commands().get(cmd_name)
        return loaded(entry) if entry else None


def loaded(entry: EntryPoint) -> Any:
    """The command of an entry point, or one that says in a line why there is none."""
    _find_checkout(entry)
    try:
        made = typer.main.get_command(entry.load())
    except ModuleNotFoundError as error:
        return _absent(entry, missing(entry, error))
    made.name = entry.name
    # One app may bring several commands of the top level; a group named after none is the command.
    return getattr(made, "commands", {}).get(entry.name, made)


def _find_checkout(entry: EntryPoint) -> None:
    """Makes `scripts` importable where the packages are installed from a checkout."""
    root = Path(__file__).resolve().parents[2]
    if entry.module.startswith("scripts.") and (root / "pyproject.toml").is_file():
        sys.path.append(str(root))


def _absent(entry: EntryPoint, reason: str) -> Any:
    made = typer.Typer()

    @made.command(entry.name, help=f"Not available: {reason}.", context_settings=ANYTHING)
    def say() -> None:
        raise NotInstalled(reason)

    return typer.main.get_command(made)


class NotInstalled(RefrainError):
    """A part that was not installed."""

    title = "Not installed"


def missing(entry: EntryPoint, error: ModuleNotFoundError) -> str:
    """What has to be installed for a command."""
    if entry.module.startswith("scripts."):
        return f"`refrain {entry.name}` needs a checkout of the repository"
    extra = f"[{','.join(entry.extras)}]" if entry.extras else ""
    needs = f"needs the extra {','.join(entry.extras)}" if extra else "lacks a package"
    return f"`refrain {entry.name}` {needs} ({error.name} is missing): pip install 'refrain{extra}'"


def _version(wanted: bool) -> None:
    if wanted:
        print(f"refrain {version('refrain')}")
        raise typer.Exit()


app = typer.Typer(
    cls=Commands, help=ABOUT, no_args_is_help=True, rich_markup_mode=None,
    pretty_exceptions_enable=False,
)  # fmt: skip


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of all commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; its exit code is one of those that the help lists."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    streams.prepare()
    before = Counter(TALLY.counts())
    try:
        code = app(given, prog_name="refrain", standalone_mode=False)
        streams.flush()
        _tell_pauses(before)
        return code if isinstance(code, int) else DONE
    except BrokenPipeError:
        # The reader has gone (`| head`): what the command did is done all the same.
        streams.drop_output()
        return DONE
    except Exception as error:
        return _told(error, given)
    except KeyboardInterrupt:
        return INTERRUPTED


def _told(error: Exception, given: Sequence[str]) -> int:
    """Prints a failure in one line; its exit code."""
    if isinstance(error, typer.Abort):
        streams.complain("Stopped: nothing was changed")
        return REFUSED
    if isinstance(error, ModuleNotFoundError):
        entry = found_commands().get(next((word for word in given if word[:1] != "-"), ""))
        if entry is None:
            raise error
        error = NotInstalled(missing(entry, error))
    if isinstance(error, RefrainError):
        streams.complain(plain(f"{error.title}: {error}"))
        if isinstance(error, Malformed):
            return USAGE
        return UNREACHABLE if isinstance(error, Unavailable) else REFUSED
    if isinstance(error, typer.TyperException):
        return _misused(error)
    if isinstance(error, OSError):
        streams.drop_output()
        streams.complain(plain(streams.reason_of(error)))
        return REFUSED
    raise error


def _misused(error: Any) -> int:
    """One line for a command line that is not understood; the help where there are no words."""
    where = getattr(getattr(error, "ctx", None), "command_path", "refrain")
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
    else:
        said = plain(error.format_message()).strip().rstrip(".")
        cut = said if len(said) <= LONGEST else f"{said[:LONGEST]}..."
        streams.complain(f"Wrong usage: {cut}; see `{where} --help`")
    return int(error.exit_code)


def _tell_pauses(before: Counter[str]) -> None:
    """Says in a line who asked for pauses: such answers are no part of the result."""
    if found := Counter(TALLY.counts()) - before:
        asked = ", ".join(f"{name} {times} times" for name, times in found.items())
        streams.complain(plain(f"Busy, and asked again: {asked}."))
