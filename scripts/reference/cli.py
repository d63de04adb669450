"""docs/reference/cli.md: every command of `refrain`, from the help of its Typer apps.

The commands are those of pyproject.toml. What is installed on this machine does not matter.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

from oracle.cli.main import loaded
from scripts.reference.marks import replaced
from scripts.solidity.toolchain import ROOT

GROUP = "refrain.commands"

SHARED = {"--profile", "--key", "--json", "--yes", "--raw", "--help"}
"""Described once, at the top of the page."""

OWN_PARSER = "ignore_unknown_options"
"""A command with this setting hands its words to a parser of its own."""


def commands() -> dict[str, Any]:
    """Every command that does something, by its full name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = sorted(project["entry-points"][GROUP].items())
    tops = {name: loaded(EntryPoint(name, value, GROUP)) for name, value in listed}
    return dict(_leaves(tops, ""))


def _leaves(found: dict[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for name, command in found.items():
        full = f"{before} {name}".strip()
        if inner := getattr(command, "commands", None):
            yield from _leaves(inner, full)
        else:
            yield full, command


def options_of(command: Any) -> set[str]:
    """Every option that a command takes."""
    options = [p for p in command.params if p.param_type_name == "option"]
    return {name for option in options for name in (*option.opts, *option.secondary_opts)}


def has_own_parser(command: Any) -> bool:
    return bool(command.context_settings.get(OWN_PARSER))


def page(current: str) -> str:
    """The page with its commands renewed."""
    found = commands()
    rows = [f"| [`refrain {name}`](#{anchor(name)}) | {_first(c.help)} |"
            for name, c in found.items()]  # fmt: skip
    table = "\n".join(["| command | what it does |", "| --- | --- |", *rows])
    sections = [_section(name, command) for name, command in found.items()]
    return replaced(current, "commands", "\n\n".join([table, *sections]))


def anchor(name: str) -> str:
    return f"refrain {name}".replace(" ", "-")


def _first(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())


def _section(name: str, command: Any) -> str:
    paragraphs = [" ".join(part.split()) for part in command.help.split("\n\n")]
    parts = [f"### refrain {name}", *paragraphs, f"`{_usage(name, command)}`"]
    rows = [_row(parameter) for parameter in command.params if _own(parameter)]
    if rows:
        parts.append("\n".join(["| argument | meaning |", "| --- | --- |", *rows]))
    if has_own_parser(command):
        parts.append(f"`refrain {name} --help` lists its options.")
    elif shared := sorted(SHARED & options_of(command) - {"--help"}):
        parts.append("Also " + ", ".join(f"`{option}`" for option in shared) + ".")
    return "\n\n".join(parts)


def _usage(name: str, command: Any) -> str:
    words = [_argument(p) for p in command.params if p.param_type_name == "argument"]
    options = "[OPTIONS]" if any(p.param_type_name == "option" for p in command.params) else ""
    needed = [f"{p.opts[0]} {_metavar(p)}" for p in command.params
              if p.param_type_name == "option" and p.required]  # fmt: skip
    return " ".join(word for word in ["refrain", name, options, *needed, *words] if word)


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    many = "..." if parameter.nargs == -1 else ""
    return f"{name}{many}" if parameter.required else f"[{name}]{many}"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _own(parameter: Any) -> bool:
    return not parameter.hidden and not set(parameter.opts) & SHARED


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        shown = parameter.metavar or parameter.name.upper()
    else:
        flag = "" if parameter.is_flag else f" {_metavar(parameter)}"
        shown = ", ".join(parameter.opts) + flag
    needed = " Required." if parameter.required else ""
    return f"| `{shown}` | {parameter.help or ''}{needed}{_default(parameter)} |"


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required or isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return f" Default: `{value}`." if value != "" else ""
